// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_MAPPING_RECORD_H_
#define FIREBREAK_CONTROLLER_ADMIN_MAPPING_RECORD_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "controller/admin/actor.h"
#include "controller/store/audit.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::controller {

// Returns the audit trail's entry for a question by which an administrator changes a host: a
// decision about a mapping that a program there asks for, or the removal of a mapping that the host
// itself has opened. The host reports the outcome, but does not know the administrator. Returns
// nullopt if the question changes nothing.
std::optional<AuditEntry> MappingRecord(const Actor& actor, absl::string_view host,
                                        const v1::Question& question);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_MAPPING_RECORD_H_
