// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "agent/switch/switch_question.h"
#include "agent/switch/wanted_switch.h"
#include "firebreak/v1/host.pb.h"
#include "policy/merge/check_effective.h"
#include "policy/merge/local_switch.h"
#include "policy/merge/profile.h"
#include "tests/fuzz/local_questions.h"
#include "tests/fuzz/require.h"

// Takes any bytes as what root's programs of a host write to the agent's socket: questions about
// switches. Whatever they say, there are no more switches than are allowed, what is asked at a
// terminal is printable, what they come to is a policy that an agent accepts, where it is denied
// nothing changes, and when all is given back the policy is as before.

namespace firebreak::agent {
namespace {

v1::EffectivePolicy Policy() {
  v1::EffectivePolicy policy;
  policy.set_managed(true);
  for (const char* name : {"elsewhere", "corp", "lab"}) {
    v1::EffectiveLocation& location = *policy.add_locations();
    location.set_name(name);
    location.mutable_host()->set_local_control(location.name() == "lab" ? v1::LocalControl::deny
                                                                        : v1::LocalControl::allow);
    location.mutable_host()->set_local_control_policy("base");
    location.mutable_host()->mutable_logging()->set_dropped(true);
    location.mutable_host()->set_logging_policy("base");
    v1::Settings& settings = *location.add_layers()->mutable_settings();
    settings.set_firewall(v1::Firewall::on);
    settings.set_firewall_policy("base");
    settings.mutable_icmp()->add_items("redirect");
    settings.set_icmp_policy("base");
  }
  return policy;
}

void Take(const v1::LocalSwitchQuestion& question, v1::LocalSwitches& switches) {
  const v1::LocalSwitch wanted = WantedSwitch(question);
  Require(wanted.ByteSizeLong() < 4096);
  for (const char c : SwitchQuestion(wanted, {})) Require(c == '\n' || (c >= ' ' && c <= '~'));
  if (!CheckWantedSwitch(question).ok()) return;
  if (policy::LeavesToPolicy(wanted)) {
    policy::EndSwitches(wanted, switches).IgnoreError();
  } else if (switches.items_size() < policy::kMaxLocalSwitches) {
    policy::AddSwitch(wanted, switches);
  }
}

void Check(v1::LocalSwitches switches) {
  Require(switches.items_size() <= policy::kMaxLocalSwitches);
  const v1::EffectivePolicy before = Policy();
  v1::EffectivePolicy policy = before;
  policy::ApplySwitches(switches, policy);
  Require(policy::CheckEffective(policy).ok());
  Require(policy.locations(2).SerializeAsString() == before.locations(2).SerializeAsString());
  for (const char* interface : {"eth0", "wlan0"}) {
    const policy::Profile profile = policy::ProfileOf(policy.locations(0), interface, "ethernet");
    const bool off = policy::FindSwitch(switches, policy::SwitchSubject::kFirewall, interface,
                                        "elsewhere") != nullptr;
    Require((profile.firewall == v1::Firewall::off) == off);
  }
  v1::LocalSwitch all;
  policy::EndSwitches(all, switches).IgnoreError();
  all.mutable_icmp();
  policy::EndSwitches(all, switches).IgnoreError();
  all.clear_icmp();
  all.mutable_logging();
  policy::EndSwitches(all, switches).IgnoreError();
  Require(switches.items().empty());
}

void Fuzz(absl::string_view bytes) {
  v1::LocalSwitches switches;
  ForEachQuestion(
      bytes, [&](int, const v1::Question& question) { Take(question.local_switch(), switches); });
  Check(switches);
}

}  // namespace
}  // namespace firebreak::agent

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  firebreak::agent::Fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
