// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/problems.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::controller {
namespace {

constexpr char kTypeUrl[] = "type.googleapis.com/firebreak.v1.Problems";
constexpr size_t kMaxReasonBytes = 500;
constexpr size_t kMaxMessageBytes = 1000;

// Cuts at the boundary of a character, because protobuf's strings must be UTF-8.
std::string Cut(absl::string_view text) {
  if (text.size() <= kMaxReasonBytes) return std::string(text);
  size_t end = kMaxReasonBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return absl::StrCat(text.substr(0, end), "…");
}

std::string Readable(const policy::Problem& problem) {
  if (problem.file.empty()) return problem.reason;
  return problem.line == 0 ? absl::StrCat(problem.file, ": ", problem.reason)
                           : absl::StrCat(problem.file, ":", problem.line, ": ", problem.reason);
}

}  // namespace

absl::Status ProblemsStatus(std::span<const policy::Problem> problems) {
  v1::Problems message;
  size_t bytes = 0;
  for (size_t i = 0; i < problems.size(); ++i) {
    v1::Problem item;
    item.set_file(Cut(problems[i].file));
    item.set_line(problems[i].line);
    item.set_reason(Cut(problems[i].reason));
    bytes += item.ByteSizeLong() + 4;
    if (bytes > kMaxProblemBytes) {
      message.add_items()->set_reason(
          absl::StrCat("and ", problems.size() - i, " more problems; mend these first"));
      break;
    }
    *message.add_items() = std::move(item);
  }
  std::string text = absl::StrCat(problems.size(), problems.size() == 1 ? " problem" : " problems");
  for (const policy::Problem& problem : problems) {
    const std::string line = Cut(Readable(problem));
    if (text.size() + line.size() > kMaxMessageBytes) break;
    absl::StrAppend(&text, "\n", line);
  }
  absl::Status status = absl::InvalidArgumentError(text);
  status.SetPayload(kTypeUrl, absl::Cord(message.SerializeAsString()));
  return status;
}

grpc::Status ToGrpcWithProblems(const absl::Status& status) {
  const auto payload = status.GetPayload(kTypeUrl);
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
          payload.has_value() ? std::string(*payload) : std::string()};
}

}  // namespace firebreak::controller
