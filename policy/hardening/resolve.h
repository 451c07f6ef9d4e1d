// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_HARDENING_RESOLVE_H_
#define FIREBREAK_POLICY_HARDENING_RESOLVE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// The settings of a policy, its preset resolved, by name. `of_interface`: those of an interface
// only, as a section of the policy has them.
v1::Hardened Harden(const v1::Hardening& written, const std::string& policy, bool of_interface);

// Adds what stands below: what is set already stays.
void AddLower(const v1::Hardened& lower, v1::Hardened& hardened);

// What sections say for one interface, the highest layer's first.
v1::Hardened HardenedOf(const v1::EffectiveLocation& location, absl::string_view interface_name,
                        absl::string_view interface_type);

// Null: it is not set.
const v1::HardenedSetting* FindSetting(const v1::Hardened& hardened, absl::string_view name);
// What is set, or `otherwise`.
int64_t SettingOr(const v1::Hardened& hardened, absl::string_view name, int64_t otherwise);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_HARDENING_RESOLVE_H_
