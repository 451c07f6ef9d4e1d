// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_HARDENING_SYSCTLS_H_
#define FIREBREAK_POLICY_HARDENING_SYSCTLS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "firebreak/v1/effective.pb.h"
#include "policy/hardening/catalogue.h"

namespace firebreak::policy {

// A value that the kernel is to have, and why.
struct WantedSysctl {
  std::string value;
  std::string setting;  // of the catalogue; empty: the rules need it
  std::string policy;
  bool told_only = false;  // what others change is told, not put back
  // The interface that it is of: another one of this name is another value. 0: none.
  uint32_t interface = 0;
  // Not asked for: keeps what held for the interface while what stands for all of them changes.
  bool keeps = false;

  friend bool operator==(const WantedSysctl&, const WantedSysctl&) = default;
};

// By names below /proc/sys.
using WantedSysctls = std::map<std::string, WantedSysctl>;

// An interface, loopback included, and what sections say for it.
struct HardenedInterface {
  std::string name;
  uint32_t index = 0;
  bool loopback = false;
  v1::Hardened own;
};

// What is found where nothing of Firebreak's is set, by a name below /proc/sys; none: the kernel
// does not have it.
using FoundSysctl = std::function<std::optional<int64_t>(const std::string& name)>;

// What the kernel must be set to so that each setting is what holds, for each interface whatever
// `all` and it combine to. Where interfaces are to differ, `all` gets the value that says nothing,
// and those that no policy is about get what held for them before.
WantedSysctls SysctlsFor(const v1::Hardened& host, std::span<const HardenedInterface> interfaces,
                         const FoundSysctl& found);

// What holds for an interface, by what `all` and its own value are. `forwards`: IPv4, by it.
std::optional<int64_t> EffectiveValue(Combine combine, std::optional<int64_t> all,
                                      std::optional<int64_t> own, bool forwards);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_HARDENING_SYSCTLS_H_
