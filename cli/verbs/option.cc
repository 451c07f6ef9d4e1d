// SPDX-License-Identifier: Apache-2.0

// Options that a host's own administrator sets on the host itself: which ICMP messages are let in
// or sent, and what is recorded.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status/status.h"
#include "cli/ask/ask.h"
#include "cli/verbs/command.h"
#include "cli/verbs/print.h"
#include "cli/view/local_options.h"
#include "policy/resources/icmp_options.h"

namespace firebreak::cli {
namespace {

// This is longer than the minute that the agent gives a person to answer.
constexpr absl::Duration kTimeout = absl::Seconds(90);
constexpr char kNone[] = "none";
constexpr uint32_t kMostKib = 32'767;
constexpr uint32_t kMostRate = 10'000'000;

void PrintOptions(Invocation& invocation,
                  const google::protobuf::RepeatedPtrField<v1::LocalSwitch>& options) {
  if (invocation.format() != Format::kTable) return PrintDataList(invocation, options);
  invocation.out() << LocalOptionTable({options.begin(), options.end()}, absl::Now(),
                                       invocation.colours());
  if (options.empty()) invocation.err() << "no option is set on this host; its policies hold\n";
}

absl::Status List(Invocation& invocation) {
  v1::Question question;
  question.mutable_status();
  v1::StatusAnswer status;
  RETURN_IF_ERROR(Ask(invocation, "", question, kAnswerTimeout, [&](const v1::Answer& part) {
    status.MergeFrom(part.status());
    return absl::OkStatus();
  }));
  PrintOptions(invocation, status.receipt().options());
  return absl::OkStatus();
}

absl::Status Set(Invocation& invocation, const v1::LocalSwitchQuestion& asked) {
  v1::Question question;
  *question.mutable_local_switch() = asked;
  v1::LocalSwitchAnswer answer;
  RETURN_IF_ERROR(Ask(invocation, "", question, kTimeout, [&](const v1::Answer& part) {
    answer.MergeFrom(part.local_switch());
    return absl::OkStatus();
  }));
  if (!answer.refused().empty()) return absl::PermissionDeniedError(answer.refused());
  PrintOptions(invocation, answer.options());
  return absl::OkStatus();
}

struct PlaceOptions {
  std::string interface;
  std::string location;
  std::string reason;
};

void AddInterface(Verb verb, PlaceOptions& place) {
  verb.Add("--interface", place.interface, "only this interface").Type("NAME");
}

void AddPlace(Verb verb, PlaceOptions& place) {
  verb.Add("--at", place.location, "only while it is proven to be at this location, or elsewhere")
      .Type("LOCATION");
  verb.Add("--reason", place.reason, "why, for the audit trail").Type("TEXT");
}

v1::LocalSwitchQuestion QuestionAt(const PlaceOptions& place) {
  v1::LocalSwitchQuestion question;
  question.set_interface(place.interface);
  question.set_location(place.location);
  question.set_reason(place.reason);
  return question;
}

void RequireLocal(const Command& command) {
  if (command.options.local) return;
  RefuseUsage("--local",
              "is missing: options are set on the host itself; for a fleet, change its "
              "policies");
}

void AddIcmp(Verb noun, Command& command) {
  std::vector<std::string> names = {kNone, std::string(policy::kAllIcmpOptionsName)};
  for (const policy::IcmpOption option : policy::AllIcmpOptions()) {
    names.emplace_back(policy::IcmpOptionName(option));
  }
  const Verb verb = AddVerb(
      noun, "icmp",
      "Set which ICMP messages this host lets in or sends.\n\n"
      "In place of what policies say in `icmp`, until `option clear icmp`, or until a policy "
      "denies "
      "it (`local_control`), over restarts too. What IPv6 needs to work, and answers, always pass. "
      "Where the policy says `local_control: confirm`, you are asked at the terminal.",
      "firebreak --local option icmp echo-request --interface eth0 --reason \"test a link\"\n"
      "firebreak --local option icmp none --at elsewhere");
  const auto place = std::make_shared<PlaceOptions>();
  const auto messages = std::make_shared<std::vector<std::string>>();
  verb.Add("MESSAGE", *messages, "ICMP messages by name, all of them, or none")
      .OneOf(names)
      .Required();
  AddInterface(verb, *place);
  AddPlace(verb, *place);
  verb.WhenGiven([&command, place, messages] {
    RequireLocal(command);
    v1::LocalSwitchQuestion question = QuestionAt(*place);
    v1::Names& wanted = *question.mutable_icmp()->mutable_messages();
    for (const std::string& name : *messages) {
      if (name != kNone) wanted.add_items(name);
    }
    if (messages->size() > 1 && static_cast<size_t>(wanted.items_size()) != messages->size()) {
      RefuseUsage("MESSAGE", "none stands alone");
    }
    command.run = [question](Invocation& invocation) { return Set(invocation, question); };
  });
}

struct LoggingOptions {
  PlaceOptions place;
  std::string dropped;
  std::string connections;
  std::optional<uint32_t> rate;
  std::optional<uint32_t> max_size_kib;
};

void AddLogging(Verb noun, Command& command) {
  const Verb verb = AddVerb(
      noun, "logging",
      "Set what this host records.\n\n"
      "What is given here holds in place of what policies say in `logging`, until `option clear "
      "logging`, or until a policy denies it (`local_control`), over restarts too. Each call says "
      "all that is to be otherwise than policies say. Where the policy says `local_control: "
      "confirm`, you are asked at the terminal.",
      "firebreak --local option logging --dropped yes --connections yes\n"
      "firebreak --local option logging --dropped yes --rate 100 --reason \"a flood\"");
  const auto options = std::make_shared<LoggingOptions>();
  verb.Add("--dropped", options->dropped, "whether dropped packets are recorded")
      .OneOf({"yes", "no"});
  verb.Add("--connections", options->connections,
           "whether the beginning and the end of flows are recorded")
      .OneOf({"yes", "no"});
  verb.AddNumber(
      "--rate", [options](uint32_t value) { options->rate = value; }, 0, kMostRate,
      "how many dropped packets a second are recorded at most; 0 is any number");
  verb.AddNumber(
      "--max-size", [options](uint32_t value) { options->max_size_kib = value; }, 1, kMostKib,
      "how large the file may become, in KiB, before a new one is begun");
  AddPlace(verb, options->place);
  verb.WhenGiven([&command, options] {
    RequireLocal(command);
    v1::LocalSwitchQuestion question = QuestionAt(options->place);
    v1::Logging& settings = *question.mutable_logging()->mutable_settings();
    if (!options->dropped.empty()) settings.set_dropped(options->dropped == "yes");
    if (!options->connections.empty()) settings.set_connections(options->connections == "yes");
    if (options->rate.has_value()) settings.set_rate(*options->rate);
    if (options->max_size_kib.has_value()) settings.set_max_size_kib(*options->max_size_kib);
    if (settings.ByteSizeLong() == 0) {
      RefuseMissing("--dropped, --connections, --rate or --max-size");
    }
    command.run = [question](Invocation& invocation) { return Set(invocation, question); };
  });
}

void AddClear(Verb noun, Command& command) {
  const Verb verb =
      AddVerb(noun, "clear",
              "End options that were set on this host: what the policies say holds again.\n\n"
              "Ends what was set for this interface and this location, without these for all of "
              "them. It is "
              "always permitted.",
              "firebreak --local option clear icmp\n"
              "firebreak --local option clear icmp --interface eth0\n"
              "firebreak --local option clear logging");
  const auto place = std::make_shared<PlaceOptions>();
  const auto subject = std::make_shared<std::string>();
  verb.Add("OPTION", *subject, "what holds again as policies say")
      .OneOf({"icmp", "logging"})
      .Required();
  AddInterface(verb, *place);
  AddPlace(verb, *place);
  verb.WhenGiven([&command, place, subject] {
    RequireLocal(command);
    v1::LocalSwitchQuestion question = QuestionAt(*place);
    if (*subject == "icmp") {
      question.mutable_icmp();
    } else {
      if (!place->interface.empty()) RefuseUsage("--interface", "the log is one of the whole host");
      question.mutable_logging();
    }
    command.run = [question](Invocation& invocation) { return Set(invocation, question); };
  });
}

}  // namespace

void AddOptionVerbs(Verb root, Command& command) {
  const Verb noun =
      AddNoun(root, "option", "With --local: ICMP and the log of this host, above its policies.");
  AddIcmp(noun, command);
  AddLogging(noun, command);
  AddClear(noun, command);
  const Verb list =
      AddVerb(noun, "list",
              "List the options that are set on this host itself.\n\n"
              "With who set them and why, the first that concerns an interface first.",
              "firebreak --local option list");
  list.WhenGiven([&command] {
    RequireLocal(command);
    command.run = List;
  });
}

}  // namespace firebreak::cli
