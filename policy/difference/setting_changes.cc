// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/setting_changes.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/message.h"
#include "policy/difference/forward_changes.h"
#include "policy/hardening/catalogue.h"
#include "policy/hardening/resolve.h"
#include "policy/merge/icmp_option_types.h"
#include "policy/resources/protocols.h"
#include "policy/resources/rate.h"

namespace firebreak::policy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Changes = std::vector<v1::SettingChange>;

constexpr char kUnset[] = "not set";

void Add(const std::string& name, const std::string& before, const std::string& after,
         const std::string& policy, Changes& changes) {
  if (before == after) return;
  v1::SettingChange& change = changes.emplace_back();
  change.set_name(name);
  change.set_before(before);
  change.set_after(after);
  change.set_policy(policy);
}

std::string OneValue(const Message& message, const FieldDescriptor& field, int index) {
  const auto& reflection = *message.GetReflection();
  const bool list = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return list ? reflection.GetRepeatedString(message, &field, index)
                  : reflection.GetString(message, &field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_ENUM: return reflection.GetEnum(message, &field)->name();
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(reflection.GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT32: return absl::StrCat(reflection.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const Message& inner = list ? reflection.GetRepeatedMessage(message, &field, index)
                                  : reflection.GetMessage(message, &field);
      if (const auto* duration = dynamic_cast<const google::protobuf::Duration*>(&inner)) {
        const std::string fraction =
            duration->nanos() == 0 ? "" : absl::StrCat(".", duration->nanos() / 1'000'000, " ");
        return absl::StrCat(duration->seconds(), fraction, "s");
      }
      return inner.ShortDebugString();
    }
    default: return "";
  }
}

std::string Value(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    const bool given = !field.has_presence() || reflection.HasField(message, &field);
    const std::string text = given ? OneValue(message, field, 0) : kUnset;
    return text.empty() || text == "unspecified" ? kUnset : text;
  }
  std::vector<std::string> values;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    values.push_back(OneValue(message, field, i));
  }
  return values.empty() ? kUnset : absl::StrJoin(values, ", ");
}

// Adds a change for each field that differs.
void AddFields(const std::string& prefix, const Message& before, const Message& after,
               const std::string& policy, Changes& changes) {
  for (int i = 0; i < after.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *after.GetDescriptor()->field(i);
    Add(absl::StrCat(prefix, field.name()), Value(before, field), Value(after, field), policy,
        changes);
  }
}

std::string RangeText(const v1::PortRange& range) {
  const std::string protocol = ProtocolText(static_cast<uint8_t>(range.protocol()));
  if (range.first() == 0 && range.last() == 65535) return protocol;
  return range.first() == range.last()
             ? absl::StrCat(protocol, "/", range.first())
             : absl::StrCat(protocol, "/", range.first(), "-", range.last());
}

std::string HelpersText(const Profile& profile) {
  std::vector<std::string> texts;
  for (const v1::Helper* helper : profile.helpers) {
    texts.push_back(absl::StrCat(helper->name(), ":", RangeText(helper->ports())));
  }
  return texts.empty() ? "none" : absl::StrJoin(texts, ", ");
}

// Describes the mappings that let in responses: from whom, and to which ports.
std::string ResponsesText(const Profile& profile) {
  std::vector<std::string> texts;
  for (const v1::Mapping* mapping : profile.outbound) {
    if (mapping->responses().empty() || mapping->action() != v1::Traffic::allow) continue;
    std::vector<std::string> ports;
    for (const v1::PortRange& range : mapping->responses()) ports.push_back(RangeText(range));
    texts.push_back(absl::StrCat("mapping ", mapping->name(), " of policy ", mapping->policy(),
                                 ": ", absl::StrJoin(ports, ", ")));
  }
  return texts.empty() ? "none" : absl::StrJoin(texts, "; ");
}

// Describes the mappings that are logged, and how many records each may make.
std::string LogText(const Profile& profile) {
  std::vector<std::string> texts;
  for (const auto* list : {&profile.inbound, &profile.outbound}) {
    for (const v1::Mapping* mapping : *list) {
      if (!mapping->has_log()) continue;
      const v1::MappingLog& log = mapping->log();
      texts.push_back(absl::StrCat(
          "mapping ", mapping->name(), " of policy ", mapping->policy(),
          log.records() == 0 ? "" : absl::StrCat(" ", RateText({log.records(), log.seconds()}))));
    }
  }
  return texts.empty() ? "none" : absl::StrJoin(texts, "; ");
}

std::string UnsolicitedText(const Judgement& judgement) {
  const bool off = judgement.exempt.has_value() || judgement.profile.firewall != v1::Firewall::on;
  return off ? "let pass" : v1::Unsolicited::Action_Name(judgement.profile.unsolicited);
}

// Says whether ICMP errors or redirects that belong to flows pass.
std::string OptionText(const Judgement& judgement, IcmpOption option) {
  const bool off = judgement.exempt.has_value() || judgement.profile.firewall != v1::Firewall::on;
  return off || judgement.profile.icmp.contains(option) ? "let pass" : "refused";
}

std::string ModeText(const Judgement& judgement) {
  if (judgement.exempt == Cause::Kind::kUnmanaged) return "off, as no policy selects the host";
  if (judgement.exempt == Cause::Kind::kPrivate) return "off, as sharing has it for private";
  return v1::Firewall::Mode_Name(judgement.profile.firewall);
}

// Returns an empty profile if the firewall is off, because then no flow is logged and no helper
// runs.
Profile InForce(const Judgement& judgement) {
  const bool off = judgement.exempt.has_value() || judgement.profile.firewall == v1::Firewall::off;
  return off ? Profile() : judgement.profile;
}

}  // namespace

Changes SettingChanges(const Judgement& before, const Judgement& after) {
  Changes changes;
  Add("firewall", ModeText(before), ModeText(after), after.profile.firewall_policy, changes);
  for (const IcmpOptionType& error : IcmpErrorTypes()) {
    Add(absl::StrCat("icmp ", IcmpOptionName(error.option), " about flows"),
        OptionText(before, error.option), OptionText(after, error.option),
        after.profile.icmp_policy, changes);
  }
  const Profile old_profile = InForce(before), new_profile = InForce(after);
  Add("helpers", HelpersText(old_profile), HelpersText(new_profile), new_profile.helpers_policy,
      changes);
  Add("responses", ResponsesText(old_profile), ResponsesText(new_profile), "", changes);
  Add("log", LogText(old_profile), LogText(new_profile), "", changes);
  if (before.profile.unsolicited != after.profile.unsolicited) {
    Add("unsolicited", UnsolicitedText(before), UnsolicitedText(after),
        after.profile.unsolicited_policy, changes);
  }
  AddFields("flows.", old_profile.flows, new_profile.flows, "", changes);
  for (v1::SettingChange& change : ForwardChanges(old_profile, new_profile)) {
    changes.push_back(std::move(change));
  }
  return changes;
}

Changes SettingChanges(const v1::HostSettings& before, const v1::HostSettings& after) {
  Changes changes;
  AddFields("logging.", before.logging(), after.logging(), after.logging_policy(), changes);
  AddFields("sharing.", before.sharing(), after.sharing(), after.sharing_policy(), changes);
  const auto level = [](const v1::HostSettings& settings) -> std::string {
    return settings.local_control() == v1::LocalControl::unspecified
               ? kUnset
               : v1::LocalControl::Level_Name(settings.local_control());
  };
  Add("local_control", level(before), level(after), after.local_control_policy(), changes);
  for (v1::SettingChange& change : SettingChanges(before.hardening(), after.hardening())) {
    changes.push_back(std::move(change));
  }
  return changes;
}

Changes SettingChanges(const v1::Hardened& before, const v1::Hardened& after) {
  Changes changes;
  const auto text = [](const v1::HardenedSetting* setting) -> std::string {
    if (setting == nullptr) return kUnset;
    return absl::StrCat(setting->value(), setting->told_only() ? ", not enforced" : "");
  };
  for (const HardeningSetting& one : HardeningCatalogue()) {
    const v1::HardenedSetting* const now = FindSetting(after, one.name);
    Add(absl::StrCat("hardening.", one.name), text(FindSetting(before, one.name)), text(now),
        now == nullptr ? "" : now->policy(), changes);
  }
  return changes;
}

Changes SettingChanges(const v1::Location& before, const v1::Location& after) {
  Changes changes;
  AddFields("location.", before, after, "", changes);
  return changes;
}

}  // namespace firebreak::policy
