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

// A value that a sysctl is to have, and the reason.
struct WantedSysctl {
  std::string value;
  std::string setting;  // the catalogue's name; empty: the rules need it
  std::string policy;
  bool told_only = false;  // a change by others is reported, but not undone
  // The index of the interface that the sysctl belongs to; 0: none. If another interface takes over
  // the name, the value no longer applies.
  uint32_t interface = 0;
  // No policy sets this sysctl for the interface. The entry preserves the value in force while
  // conf/all changes.
  bool keeps = false;

  friend bool operator==(const WantedSysctl&, const WantedSysctl&) = default;
};

// Keyed by names below /proc/sys.
using WantedSysctls = std::map<std::string, WantedSysctl>;

// An interface, which may be loopback, and the settings that sections give it.
struct HardenedInterface {
  std::string name;
  uint32_t index = 0;
  bool loopback = false;
  v1::Hardened own;
};

// Returns the value that a sysctl has without Firebreak's settings, by its name below /proc/sys;
// none if the kernel does not have it.
using FoundSysctl = std::function<std::optional<int64_t>(const std::string& name)>;

// Returns the sysctls to write so that each setting is in force on each interface, however the
// kernel combines conf/all with the interface's value. Where interfaces must differ, conf/all gets
// the value that has no effect, and each interface without a setting gets the value that was in
// force for it before.
WantedSysctls SysctlsFor(const v1::Hardened& host, std::span<const HardenedInterface> interfaces,
                         const FoundSysctl& found);

// Returns the value in force for an interface. `forwards` says whether the interface forwards IPv4.
std::optional<int64_t> EffectiveValue(Combine combine, std::optional<int64_t> all,
                                      std::optional<int64_t> own, bool forwards);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_HARDENING_SYSCTLS_H_
