// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_MAPPINGS_CHECK_WANTED_H_
#define FIREBREAK_AGENT_MAPPINGS_CHECK_WANTED_H_

#include "absl/status/statusor.h"
#include "firebreak/v1/location.pb.h"

namespace firebreak::agent {

// In LocalMapping.unit of what a program wants: the mapping ends with the program that asks.
inline constexpr char kWithTheProgram[] = "process";

// Whether the caller may decide about the mapping himself, or can only ask for it.
enum class Wanter { kRoot, kOther };

// Checks what a program wants, which comes from any program of this host, and returns what is left
// of it: the fields that are the wanter's to say, safe to store and to show. The mapping means the
// same as one in a policy's `port_mappings`, but may only let in, and only by what it says of
// packets. Whoever can only ask says why and until when, and wants ports from 1024 on: the ones
// below are root's to listen at. Pure.
//
// InvalidArgument: it means nothing. PermissionDenied: it is not for this wanter.
absl::StatusOr<v1::LocalMapping> CheckWanted(const v1::LocalMapping& asked, Wanter wanter);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_MAPPINGS_CHECK_WANTED_H_
