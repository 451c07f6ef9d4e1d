// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/change_request.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "controller/admin/problems.h"

namespace firebreak::controller {
namespace {

v1::Change::Kind ProtoKind(policy::Change::Kind kind) {
  switch (kind) {
    case policy::Change::Kind::kCreated: return v1::Change::created;
    case policy::Change::Kind::kUpdated: return v1::Change::updated;
    case policy::Change::Kind::kDeleted: return v1::Change::deleted;
    case policy::Change::Kind::kUnchanged: return v1::Change::unchanged;
  }
  return v1::Change::unspecified;
}

}  // namespace

std::vector<policy::SourceFile> FilesOf(const v1::ApplyRequest& request) {
  std::vector<policy::SourceFile> files;
  files.reserve(static_cast<size_t>(request.files_size()));
  for (const v1::SourceFile& file : request.files()) files.push_back({file.name(), file.text()});
  return files;
}

policy::FileSet SetOf(const v1::ApplyRequest& request) {
  return {.name = request.set(), .prune = request.prune()};
}

v1::Change ProtoChange(const policy::Change& change) {
  v1::Change made;
  made.set_kind(ProtoKind(change.kind));
  made.set_resource(change.resource);
  return made;
}

int64_t Now() { return absl::ToUnixSeconds(absl::Now()); }

absl::Status CheckDeliverable(const Registry& registry, PublishedRevision& next) {
  for (const HostRecord& host : registry.Records()) {
    const auto assignment = next.For(host.name, host.labels);
    if (assignment.ok()) continue;
    const policy::Problem problem{
        .reason = absl::StrCat("host ", host.name, ": ", assignment.status().message())};
    return ProblemsStatus({&problem, 1});
  }
  return absl::OkStatus();
}

}  // namespace firebreak::controller
