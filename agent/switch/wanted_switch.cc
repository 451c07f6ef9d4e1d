// SPDX-License-Identifier: Apache-2.0
#include "agent/switch/wanted_switch.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/switch/process.h"
#include "base/status/status.h"
#include "google/protobuf/message.h"
#include "policy/merge/local_switch.h"
#include "policy/resources/check.h"
#include "policy/resources/icmp_options.h"
#include "policy/resources/names.h"

namespace firebreak::agent {
namespace {

constexpr size_t kMaxName = 64;
constexpr size_t kMaxReason = 256;
constexpr int kMaxMessages = 16;

bool HasUnknownFields(const google::protobuf::Message& message) {
  return message.GetReflection()->GetUnknownFields(message).field_count() != 0;
}

absl::Status CheckIcmp(const v1::LocalIcmp& icmp) {
  if (icmp.messages().items_size() > kMaxMessages) {
    return absl::InvalidArgumentError(
        absl::StrCat("more than ", kMaxMessages, " ICMP messages are named"));
  }
  for (const std::string& name : icmp.messages().items()) {
    if (name == policy::kAllIcmpOptionsName || policy::ParseIcmpOption(name).has_value()) continue;
    std::vector<absl::string_view> names;
    for (const policy::IcmpOption option : policy::AllIcmpOptions()) {
      names.push_back(policy::IcmpOptionName(option));
    }
    return absl::InvalidArgumentError(absl::StrCat("unknown ICMP message ", Plain(name, kMaxName),
                                                   "; there are ", absl::StrJoin(names, ", "),
                                                   ", and all"));
  }
  return absl::OkStatus();
}

absl::Status CheckLogging(const v1::LocalSwitchQuestion& question) {
  if (!question.interface().empty()) {
    return absl::InvalidArgumentError(
        "what is recorded is a setting of the whole host: leave the interface out");
  }
  if (!question.logging().has_settings()) return absl::OkStatus();
  const v1::Logging& settings = question.logging().settings();
  if (!settings.file().empty()) {
    return absl::InvalidArgumentError("where the log is written is the policy's to say");
  }
  if (settings.ByteSizeLong() == 0) {
    return absl::InvalidArgumentError(
        "say what of the log is to be otherwise: dropped, connections, rate or max_size_kib");
  }
  v1::Policy policy;
  *policy.mutable_logging() = settings;
  std::vector<policy::Problem> problems;
  policy::Findings findings("", nullptr, problems);
  policy::CheckHostSettings(policy, findings);
  if (problems.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(problems.front().reason);
}

// The names by which agents know the messages, each once.
v1::Names Known(const v1::Names& asked) {
  v1::Names known;
  const auto add = [&known](const std::string& name) {
    const auto& names = known.items();
    if (std::find(names.begin(), names.end(), name) == names.end()) known.add_items(name);
  };
  for (int i = 0; i < std::min(asked.items_size(), kMaxMessages); ++i) {
    const std::string& name = asked.items(i);
    if (name == policy::kAllIcmpOptionsName) {
      for (const policy::IcmpOption option : policy::AllIcmpOptions()) {
        add(std::string(policy::IcmpOptionName(option)));
      }
      continue;
    }
    const auto option = policy::ParseIcmpOption(name);
    add(option.has_value() ? std::string(policy::IcmpOptionName(*option)) : Plain(name, kMaxName));
  }
  return known;
}

}  // namespace

absl::Status CheckWantedSwitch(const v1::LocalSwitchQuestion& question) {
  // What a newer program means by it would be taken for something else.
  if (HasUnknownFields(question) || HasUnknownFields(question.icmp()) ||
      HasUnknownFields(question.icmp().messages()) || HasUnknownFields(question.logging()) ||
      HasUnknownFields(question.logging().settings())) {
    return absl::InvalidArgumentError("the question has a field that this agent does not know");
  }
  const bool mode = question.mode() != v1::Firewall::unspecified;
  if (int{mode} + int{question.has_icmp()} + int{question.has_logging()} > 1) {
    return absl::InvalidArgumentError(
        "one switch is about the firewall, ICMP or the log; ask for each by itself");
  }
  // A name with a star would stand for several.
  if (!question.interface().empty() && !policy::LeavesToPolicy(WantedSwitch(question))) {
    RETURN_IF_ERROR(policy::CheckInterfaceName(question.interface(), /*pattern=*/false));
  }
  if (question.has_icmp()) return CheckIcmp(question.icmp());
  if (question.has_logging()) return CheckLogging(question);
  if (mode && question.mode() != v1::Firewall::off) {
    return absl::InvalidArgumentError("a host's own switch is `disable` or `enable`");
  }
  return absl::OkStatus();
}

v1::LocalSwitch WantedSwitch(const v1::LocalSwitchQuestion& question) {
  v1::LocalSwitch wanted;
  wanted.set_interface(Plain(question.interface(), kMaxName));
  wanted.set_location(Plain(question.location(), kMaxName));
  wanted.set_reason(Readable(question.reason(), kMaxReason));
  if (question.has_icmp()) {
    v1::LocalIcmp& icmp = *wanted.mutable_icmp();
    if (question.icmp().has_messages())
      *icmp.mutable_messages() = Known(question.icmp().messages());
  } else if (question.has_logging()) {
    v1::LocalLogging& logging = *wanted.mutable_logging();
    if (question.logging().has_settings()) {
      *logging.mutable_settings() = question.logging().settings();
      logging.mutable_settings()->clear_file();
      logging.mutable_settings()->DiscardUnknownFields();
    }
  } else {
    wanted.set_mode(question.mode());
  }
  return wanted;
}

v1::HostEvent SwitchEventOf(v1::LocalSwitchEvent told) {
  v1::HostEvent event;
  const bool firewall = policy::SubjectOf(told.what()) == policy::SwitchSubject::kFirewall;
  *(firewall ? event.mutable_local_switch() : event.mutable_local_option()) = std::move(told);
  return event;
}

}  // namespace firebreak::agent
