// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_LOCAL_MAPPING_H_
#define FIREBREAK_CLI_VERBS_LOCAL_MAPPING_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "cli/verbs/invocation.h"
#include "firebreak/v1/local.pb.h"

namespace firebreak::cli {

// Asks the agent of `host`, or with --local this host's, to do something about the host's own
// mappings, and prints "WORD  mapping NUMBER". PermissionDenied: the agent has refused, and why.
absl::Status ChangeMapping(Invocation& invocation, const std::string& host,
                           const v1::LocalMappingQuestion& asked, const std::string& word);

// With --local: opens the mapping on this host, or only asks for it.
absl::Status AddLocally(Invocation& invocation, const v1::LocalMapping& mapping, bool ask);
absl::Status ListLocally(Invocation& invocation);

// In a verb's callback: the number of a mapping, or a refusal.
uint64_t ReadMappingNumber(const std::string& argument, const std::string& text);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_LOCAL_MAPPING_H_
