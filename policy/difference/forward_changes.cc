// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/forward_changes.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "policy/resources/ports.h"
#include "policy/resources/prefix.h"
#include "policy/resources/protocols.h"

namespace firebreak::policy {
namespace {

std::string DefaultText(const Profile& profile) {
  switch (profile.forward_default) {
    case v1::Traffic::unspecified: return "by the type of the interface";
    default: return v1::Traffic::Action_Name(profile.forward_default);
  }
}

std::string MatchText(const v1::InterfaceMatch& match) {
  std::vector<std::string> parts(match.names().begin(), match.names().end());
  for (const std::string& type : match.types()) parts.push_back(absl::StrCat("type ", type));
  return absl::StrJoin(parts, ", ");
}

std::string PrefixesText(const google::protobuf::RepeatedPtrField<v1::Prefix>& prefixes) {
  std::vector<std::string> texts;
  for (const v1::Prefix& prefix : prefixes) {
    texts.push_back(PrefixText({prefix.address(), static_cast<int>(prefix.length())}));
  }
  return absl::StrJoin(texts, ", ");
}

std::string ServicesText(const v1::Mapping& rule) {
  if (rule.ports().empty() || rule.ports(0).protocol() == 0) return "any protocol";
  std::vector<std::string> texts;
  for (const v1::PortRange& range : rule.ports()) {
    const auto protocol = static_cast<uint8_t>(range.protocol());
    const bool all = range.first() == 0 && range.last() == 65535;
    const Ports ports = {static_cast<uint16_t>(range.first()), static_cast<uint16_t>(range.last())};
    texts.push_back(all ? ProtocolText(protocol)
                        : absl::StrCat(ProtocolText(protocol), "/", PortsText(ports)));
  }
  return absl::StrJoin(texts, ", ");
}

const char* UnitText(uint64_t seconds) {
  switch (seconds) {
    case 1: return "/second";
    case 60: return "/minute";
    case 3600: return "/hour";
    default: return "/day";
  }
}

const char* PerText(bool per_source) { return per_source ? " from each source" : ""; }

// Appends the rule's limits, expiry and logging.
void AppendEffects(const v1::Mapping& rule, std::string& text) {
  if (rule.has_limit()) {
    absl::StrAppend(&text, ", at most ", rule.limit().flows(), UnitText(rule.limit().seconds()),
                    ", ", rule.limit().burst(), " at once", PerText(rule.limit().per_source()));
  }
  if (rule.has_connections()) {
    absl::StrAppend(&text, ", at most ", rule.connections().max(), " flows",
                    PerText(rule.connections().per_source()));
  }
  if (rule.has_log()) absl::StrAppend(&text, ", recorded");
  if (rule.log().records() != 0) {
    absl::StrAppend(&text, " ", rule.log().records(), UnitText(rule.log().seconds()));
  }
  if (rule.expires() != 0) {
    absl::StrAppend(&text, ", until ",
                    absl::FormatTime("%Y-%m-%dT%H:%MZ", absl::FromUnixSeconds(rule.expires()),
                                     absl::UTCTimeZone()));
  }
}

// "allow lan of policy office: tcp/443 in by eth1, out by eth0, from 10.0.0.0/8".
std::string RuleText(const v1::Mapping& rule) {
  std::string text = absl::StrCat(v1::Traffic::Action_Name(rule.action()), " ", rule.name(),
                                  " of policy ", rule.policy(), ": ", ServicesText(rule));
  if (rule.has_in()) absl::StrAppend(&text, ", in by ", MatchText(rule.in()));
  if (rule.has_out()) absl::StrAppend(&text, ", out by ", MatchText(rule.out()));
  if (!rule.remote().empty()) absl::StrAppend(&text, ", from ", PrefixesText(rule.remote()));
  if (!rule.local().empty()) absl::StrAppend(&text, ", to ", PrefixesText(rule.local()));
  for (const v1::PortSpan& span : rule.source_ports()) {
    absl::StrAppend(&text, ", from port ", span.first(), "-", span.last());
  }
  for (const v1::IcmpKind& kind : rule.icmp()) {
    absl::StrAppend(&text, ", type ", kind.type(),
                    kind.has_code() ? absl::StrCat("/", kind.code()) : "");
  }
  AppendEffects(rule, text);
  return text;
}

std::vector<std::string> RuleTexts(const Profile& profile) {
  std::vector<std::string> texts;
  for (const v1::Mapping* rule : profile.forward) texts.push_back(RuleText(*rule));
  return texts;
}

// Returns the elements of `texts` that are not in `others`.
std::vector<std::string> Without(const std::vector<std::string>& texts,
                                 std::vector<std::string> others) {
  std::sort(others.begin(), others.end());
  std::vector<std::string> rest;
  std::copy_if(texts.begin(), texts.end(), std::back_inserter(rest), [&](const std::string& text) {
    return !std::binary_search(others.begin(), others.end(), text);
  });
  return rest;
}

v1::SettingChange Change(const char* name, std::string before, std::string after,
                         const std::string& policy) {
  v1::SettingChange change;
  change.set_name(name);
  change.set_before(std::move(before));
  change.set_after(std::move(after));
  change.set_policy(policy);
  return change;
}

}  // namespace

std::vector<v1::SettingChange> ForwardChanges(const Profile& before, const Profile& after) {
  std::vector<v1::SettingChange> changes;
  if (before.forward_default != after.forward_default) {
    changes.push_back(Change("forward.default", DefaultText(before), DefaultText(after),
                             after.forward_default_policy));
  }
  const std::vector<std::string> old_texts = RuleTexts(before), new_texts = RuleTexts(after);
  if (old_texts == new_texts) return changes;
  const std::vector<std::string> gone = Without(old_texts, new_texts),
                                 added = Without(new_texts, old_texts);
  if (gone.empty() && added.empty()) {
    changes.push_back(
        Change("forward.rules", "in another order", absl::StrJoin(new_texts, "; "), ""));
    return changes;
  }
  const auto list = [](const std::vector<std::string>& texts) {
    return texts.empty() ? std::string("not set") : absl::StrJoin(texts, "; ");
  };
  changes.push_back(Change("forward.rules", list(gone), list(added), ""));
  return changes;
}

}  // namespace firebreak::policy
