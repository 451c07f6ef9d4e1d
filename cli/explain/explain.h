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

// A host that need not be: what files say of one like it.
struct ImaginedHost {
  std::string name = "host";
  std::map<std::string, std::string> labels;
  std::string location = policy::kElsewhere;  // of its one interface
  std::string interface_type = "ethernet";    // see InterfaceMatch.types
};

// What becomes of the packet on such a host, if the files were all that the controller has: pure,
// no controller is asked. The interface has the packet's address on the host's side, the routing
// tables lead everywhere by it, and no connection is known.
//
// InvalidArgument: the files are not valid (with problems that cli/report.h prints), or they know
// no such location.
absl::StatusOr<v1::TraceAnswer> ExplainOffline(std::span<const policy::SourceFile> files,
                                               const ImaginedHost& host,
                                               const v1::TraceQuestion& question);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_EXPLAIN_EXPLAIN_H_
