// SPDX-License-Identifier: Apache-2.0

// Policies as an agent receives them: every policy that passes the check must compile to a ruleset
// that can be sent to the kernel.

#include "agent/kernel/nftables/batch.h"
#include "firebreak/v1/effective.pb.h"
#include "policy/compile/compile.h"
#include "policy/merge/check_effective.h"
#include "policy/ruleset/difference.h"
#include "policy/ruleset/digest.h"
#include "policy/ruleset/print.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace firebreak;
  v1::EffectivePolicy policy;
  if (!policy.ParseFromArray(data, static_cast<int>(size))) return 0;
  if (!policy::CheckEffective(policy).ok()) return 0;
  const policy::Interface interfaces[] = {
      {"eth0", "ethernet"}, {"wlan0", "wireless"}, {"br0", "bridge"}};
  const ruleset::Ruleset ruleset = policy::Compile(policy, interfaces).value();
  ruleset::Print(ruleset, true);
  if (ruleset::Digest(ruleset) != ruleset::Digest(policy::Compile(policy, interfaces).value())) {
    __builtin_trap();  // the same input must give the same rules
  }
  const auto operations = ruleset::Difference({}, ruleset);
  if (!operations.empty()) agent::Batch(operations, /*generation=*/1);
  if (!ruleset::Difference(ruleset, ruleset).empty()) __builtin_trap();
  return 0;
}
