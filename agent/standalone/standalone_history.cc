// SPDX-License-Identifier: Apache-2.0
#include "agent/standalone/standalone_history.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/state/sealed_file.h"
#include "base/log/log.h"
#include "base/status/status.h"

namespace firebreak::agent {

using v1::StandaloneRevision;

StandaloneHistory::StandaloneHistory(std::string path) : path_(std::move(path)) {
  const absl::StatusOr<std::string> bytes = ReadSealedFile(path_);
  if (absl::IsNotFound(bytes.status())) return;
  if (!bytes.ok()) {
    LogError(
        absl::StrCat("the history of this host's revisions is lost: ", bytes.status().message()));
  } else if (!history_.ParseFromString(*bytes)) {
    LogError(
        absl::StrCat("the history of this host's revisions is lost: ", path_, " cannot be read"));
    history_.Clear();
  }
}

absl::StatusOr<uint64_t> StandaloneHistory::Add(v1::Revision about,
                                                const policy::Configuration& configuration,
                                                uint64_t above) {
  const v1::StandaloneHistory before = history_;
  const uint64_t number = std::max(history_.last_number(), above) + 1;
  history_.set_last_number(number);
  about.set_number(number);
  about.set_kept(true);
  StandaloneRevision& added = *history_.add_items();
  *added.mutable_about() = std::move(about);
  added.set_standing(StandaloneRevision::trial);
  for (const auto& [key, resource] : configuration.resources()) *added.add_resources() = *resource;
  Trim();
  if (absl::Status status = Write(); !status.ok()) {
    history_ = before;
    return status;
  }
  return number;
}

void StandaloneHistory::Settle(uint64_t number, StandaloneRevision::Standing standing,
                               const std::string& reason) {
  for (StandaloneRevision& one : *history_.mutable_items()) {
    if (one.about().number() != number || one.standing() != StandaloneRevision::trial) continue;
    one.set_standing(standing);
    one.set_reason(reason);
    if (absl::Status status = Write(); !status.ok()) LogError(status.message());
    return;
  }
}

void StandaloneHistory::SetFiles(const std::string& digest, uint64_t number) {
  history_.set_files_digest(digest);
  for (StandaloneRevision& one : *history_.mutable_items()) {
    if (one.about().number() == number) one.mutable_about()->set_digest(digest);
  }
  if (absl::Status status = Write(); !status.ok()) LogError(status.message());
}

const StandaloneRevision* StandaloneHistory::Find(uint64_t number) const {
  for (const StandaloneRevision& one : history_.items()) {
    if (one.about().number() == number) return &one;
  }
  return nullptr;
}

const StandaloneRevision* StandaloneHistory::GoodBefore(uint64_t number) const {
  const StandaloneRevision* newest = nullptr;
  for (const StandaloneRevision& one : history_.items()) {
    if (one.standing() == StandaloneRevision::good && one.about().number() < number) newest = &one;
  }
  return newest;
}

void StandaloneHistory::Trim() {
  auto& items = *history_.mutable_items();
  while (items.size() > 2 &&
         (items.size() > kMaxRevisions || history_.ByteSizeLong() > kMaxBytes)) {
    const StandaloneRevision* newest_good = GoodBefore(UINT64_MAX);
    items.DeleteSubrange(&items[0] == newest_good ? 1 : 0, 1);
  }
}

absl::Status StandaloneHistory::Write() const { return WriteSealedMessage(path_, history_); }

policy::Configuration ConfigurationOf(const StandaloneRevision& revision) {
  policy::Configuration configuration;
  for (const v1::Resource& resource : revision.resources()) configuration.Put(resource);
  return configuration;
}

}  // namespace firebreak::agent
