// SPDX-License-Identifier: Apache-2.0
#include "cli/report.h"

#include <utility>

#include "cli/connection/failure.h"
#include "grpcpp/support/status.h"
#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

void Add(v1::Problems& problems, const std::string& file, uint32_t line,
         const std::string& reason) {
  v1::Problem* problem = problems.add_items();
  problem->set_file(file);
  problem->set_line(line);
  problem->set_reason(reason);
}

TEST(Report, EveryProblemInItsOrder) {
  v1::Problems problems;
  Add(problems, "a.yaml", 7, "port 70000: ports end at 65535");
  Add(problems, "a.yaml", 3, "unknown field \x1b[2J");
  Add(problems, "b.yaml", 0, "the file is empty");
  Add(problems, "", 0, "Group/web is in use");
  const grpc::Status refused(grpc::StatusCode::INVALID_ARGUMENT, "4 errors",
                             problems.SerializeAsString());
  EXPECT_EQ(Report(FailureOf(refused, "c:1", true)),
            "a.yaml:7: port 70000: ports end at 65535\n"
            "a.yaml:3: unknown field \\x1b[2J\n"
            "b.yaml: the file is empty\n"
            "Group/web is in use\n"
            "firebreak: 4 errors; nothing was changed\n");
}

TEST(Report, OtherFailures) {
  EXPECT_EQ(Report(absl::NotFoundError("no host web\ntry host list")),
            "firebreak: no host web\n  try host list\n");
  EXPECT_EQ(Report(absl::InvalidArgumentError("bad name")),
            "firebreak: bad name\nfirebreak: nothing was changed\n");
  EXPECT_EQ(Report(absl::InternalError("")), "firebreak: failed: INTERNAL\n");
}

}  // namespace
}  // namespace firebreak::cli
