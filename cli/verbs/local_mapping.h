// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_LOCAL_MAPPING_H_
#define FIREBREAK_CLI_VERBS_LOCAL_MAPPING_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "cli/verbs/invocation.h"
#include "firebreak/v1/local.pb.h"

namespace firebreak::cli {

// Asks the agent of `host`, or with --local this host's agent, to change the mappings that the host
// itself has opened, and prints "WORD  mapping NUMBER". Returns PermissionDenied with the reason if
// the agent refuses.
absl::Status ChangeMapping(Invocation& invocation, const std::string& host,
                           const v1::LocalMappingQuestion& asked, const std::string& word);

// With --local: opens the mapping on this host, or only requests it if `ask` is set.
absl::Status AddLocally(Invocation& invocation, const v1::LocalMapping& mapping, bool ask);
absl::Status ListLocally(Invocation& invocation);

// Must be called in a verb's callback. Returns the number of a mapping, or refuses the argument.
uint64_t ReadMappingNumber(const std::string& argument, const std::string& text);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_LOCAL_MAPPING_H_
