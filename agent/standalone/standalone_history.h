// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_STANDALONE_STANDALONE_HISTORY_H_
#define FIREBREAK_AGENT_STANDALONE_STANDALONE_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "firebreak/v1/local.pb.h"
#include "policy/resources/configuration.h"

namespace firebreak::agent {

// The revisions that a host without a controller has made for itself, in a sealed file
// (agent/state/sealed_file.h). The oldest give way when there are too many or when they are too
// large together; the newest good one and the newest of all never do.
//
// Threading: one thread at a time.
class StandaloneHistory {
 public:
  static constexpr int kMaxRevisions = 50;
  static constexpr size_t kMaxBytes = 16 << 20;

  // A file that is missing or damaged is an empty history; the latter is logged.
  explicit StandaloneHistory(std::string path);

  // Adds a revision on trial, with the next number, which is higher than `above` too. On the disk
  // when it returns; an error: nothing is added.
  absl::StatusOr<uint64_t> Add(v1::Revision about, const policy::Configuration& configuration,
                               uint64_t above);
  // Says what became of a revision that is on trial; nothing happens if it is not.
  void Settle(uint64_t number, v1::StandaloneRevision::Standing standing,
              const std::string& reason);
  // Remembers which files were taken last, and that the revision says what they say.
  void SetFiles(const std::string& digest, uint64_t number);

  const v1::StandaloneHistory& all() const { return history_; }
  // Null: there is none, or not any more.
  const v1::StandaloneRevision* Find(uint64_t number) const;
  // The newest good revision below `number`; null: there is none.
  const v1::StandaloneRevision* GoodBefore(uint64_t number) const;

 private:
  void Trim();
  absl::Status Write() const;

  const std::string path_;
  v1::StandaloneHistory history_;
};

// The resources of a revision as a configuration.
policy::Configuration ConfigurationOf(const v1::StandaloneRevision& revision);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_STANDALONE_STANDALONE_HISTORY_H_
