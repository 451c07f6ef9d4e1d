// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_EXPLAIN_EXPLAIN_H_
#define FIREBREAK_CLI_EXPLAIN_EXPLAIN_H_

#include <map>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "firebreak/v1/host.pb.h"
#include "policy/resources/elsewhere.h"
#include "policy/resources/plan.h"

namespace firebreak::cli {

// Describes a host that need not exist.
struct ImaginedHost {
  std::string name = "host";
  std::map<std::string, std::string> labels;
  std::string location = policy::kElsewhere;  // location of its one interface
  std::string interface_type = "ethernet";    // see InterfaceMatch.types
};

// Explains what such a host would do with the packet if the files were the controller's whole
// configuration. No controller is asked. The interface has the packet's address on the host's side,
// all routes lead through it, and no connection is known. If the question names two interfaces, the
// host routes the packet from one to the other; the second one is an Ethernet.
//
// InvalidArgument: the files are not valid (the error carries problems that cli/report.h prints),
// or they have no such location.
absl::StatusOr<v1::TraceAnswer> ExplainOffline(std::span<const policy::SourceFile> files,
                                               const ImaginedHost& host,
                                               const v1::TraceQuestion& question);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_EXPLAIN_EXPLAIN_H_
