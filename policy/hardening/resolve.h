// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_HARDENING_RESOLVE_H_
#define FIREBREAK_POLICY_HARDENING_RESOLVE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// Returns the settings that `written` asks for, with the preset's values filled in, sorted by name.
// With `of_interface`, returns only the settings that a section about interfaces may have.
v1::Hardened Harden(const v1::Hardening& written, const std::string& policy, bool of_interface);

// Adds the settings of a lower layer that `hardened` does not have.
void AddLower(const v1::Hardened& lower, v1::Hardened& hardened);

// Merges what the sections for this interface say; a higher layer's value wins.
v1::Hardened HardenedOf(const v1::EffectiveLocation& location, absl::string_view interface_name,
                        absl::string_view interface_type);

// Returns null if `hardened` does not have the setting.
const v1::HardenedSetting* FindSetting(const v1::Hardened& hardened, absl::string_view name);
// Returns the setting's value, or `otherwise` if `hardened` does not have the setting.
int64_t SettingOr(const v1::Hardened& hardened, absl::string_view name, int64_t otherwise);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_HARDENING_RESOLVE_H_
