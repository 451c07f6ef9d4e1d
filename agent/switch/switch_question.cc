// SPDX-License-Identifier: Apache-2.0
#include "agent/switch/switch_question.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/switch/process.h"
#include "policy/merge/local_switch.h"
#include "policy/resources/icmp_options.h"

namespace firebreak::agent {
namespace {

using policy::IcmpOption;
using policy::SwitchSubject;

constexpr size_t kMaxText = 256;

// What letting the message in, or sending it, makes vulnerable.
const char* RiskOf(IcmpOption option) {
  switch (option) {
    case IcmpOption::kEchoRequest: return "anybody can find out that this host is there";
    case IcmpOption::kTimestampRequest: return "anybody can read this host's clock";
    case IcmpOption::kAddressMaskRequest: return "anybody can ask how this network is divided";
    case IcmpOption::kRouterRequest: return "anybody can ask this host for routes";
    case IcmpOption::kDestinationUnreachable:
      return "anybody can find out at which ports nothing listens";
    case IcmpOption::kSourceQuench: return "others can be told to send more slowly";
    case IcmpOption::kParameterProblem: return "anybody can find out how this host reads packets";
    case IcmpOption::kTimeExceeded: return "anybody can trace a way through this host";
    case IcmpOption::kRedirect:
      return "others on the network can lead this host's traffic by another way";
  }
  return "";
}

std::string EffectOfIcmp(const v1::LocalSwitch& wanted) {
  std::string effect = "of ICMP just this is let in or sent, whatever policies say";
  for (const std::string& name : wanted.icmp().messages().items()) {
    const auto option = policy::ParseIcmpOption(name);
    if (option.has_value()) absl::StrAppend(&effect, "\n            ", name, ": ", RiskOf(*option));
  }
  return effect;
}

std::string EffectOfLogging(const v1::Logging& logging) {
  std::vector<std::string> effects;
  const bool less = (logging.has_dropped() && !logging.dropped()) ||
                    (logging.has_connections() && !logging.connections());
  if (less) effects.push_back("what happens on this host can go unseen");
  if (logging.rate() != 0) effects.push_back("what is dropped beyond that rate is only counted");
  if (logging.has_max_size_kib()) effects.push_back("older records go when the file is full");
  if (effects.empty()) effects.push_back("more is recorded than policies say");
  return absl::StrJoin(effects, "; ");
}

std::string EffectOf(const v1::LocalSwitch& wanted) {
  switch (policy::SubjectOf(wanted)) {
    case SwitchSubject::kIcmp: return EffectOfIcmp(wanted);
    case SwitchSubject::kLogging: return EffectOfLogging(wanted.logging().settings());
    default: return "nothing is filtered there any more, until `firebreak --local enable`";
  }
}

const char* HeadlineOf(const v1::LocalSwitch& wanted) {
  switch (policy::SubjectOf(wanted)) {
    case SwitchSubject::kIcmp: return "shall this host's ICMP options be others than its policy's?";
    case SwitchSubject::kLogging: return "shall this host record otherwise than its policy says?";
    default: return "shall the firewall of this host be switched OFF?";
  }
}

std::string WhereOf(const v1::LocalSwitch& wanted) {
  const std::string place = policy::SubjectOf(wanted) == SwitchSubject::kLogging ? "the whole host"
                            : wanted.interface().empty()                         ? "every interface"
                                                         : wanted.interface();
  return absl::StrCat(place, wanted.location().empty()
                                 ? ", wherever it is"
                                 : absl::StrCat(", while at ", wanted.location()));
}

}  // namespace

std::string SwitchQuestion(const v1::LocalSwitch& wanted,
                           const std::vector<v1::InterfaceState>& concerned) {
  const std::string now =
      absl::StrJoin(concerned, ", ", [](std::string* out, const v1::InterfaceState& state) {
        absl::StrAppend(out, state.name(), " is ", state.firewall(), " at ", state.location());
      });
  return absl::StrCat("Firebreak: ", HeadlineOf(wanted), "\n  what      ",
                      Plain(policy::DescribeSwitch(wanted), kMaxText), "\n  where     ",
                      WhereOf(wanted), "\n  effect    ", EffectOf(wanted), "\n  now       ",
                      Plain(now, kMaxText), "\n  asked by  ", wanted.program(), "\n  of        ",
                      wanted.user(), "\n  reason    ",
                      wanted.reason().empty() ? "none given" : Plain(wanted.reason(), kMaxText));
}

}  // namespace firebreak::agent
