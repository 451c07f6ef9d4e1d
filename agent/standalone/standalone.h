// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_STANDALONE_STANDALONE_H_
#define FIREBREAK_AGENT_STANDALONE_STANDALONE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/answer/reply.h"
#include "agent/loop/event_loop.h"
#include "agent/revision/revision_keeper.h"
#include "agent/standalone/draft.h"
#include "agent/standalone/policy_watch.h"
#include "agent/standalone/standalone_history.h"
#include "firebreak/v1/host.pb.h"
#include "firebreak/v1/local.pb.h"

namespace firebreak::agent {

// The policy of a host without a controller: makes revisions of local files, of what its
// administrator applies, and of earlier revisions, and hands them to the keeper as a controller
// would. Answers StandaloneQuestion.
//
// The files that the agent was started with are taken when it starts and on Reload. A change of
// theirs is only told until then. Files that are no good change nothing: what was in force stays.
//
// Threading: on the loop's thread. What is given by reference must outlive this object.
class Standalone {
 public:
  struct Options {
    std::vector<std::string> paths;  // of files and directories; at least one
    StandaloneHost host;
  };

  Standalone(Options options, const std::string& history_path, EventLoop& loop,
             RevisionKeeper& keeper);
  Standalone(const Standalone&) = delete;
  Standalone& operator=(const Standalone&) = delete;

  // Takes the files if they have changed since they were last taken. An error: they are no good,
  // and no policy is in force.
  absl::Status Start();
  // Takes the files as they are now.
  void Reload();

  // What the keeper tells.
  void Applied(const v1::Receipt& receipt);
  void Refused(const v1::Refusal& refusal);

  void Answer(std::shared_ptr<Reply> reply);
  v1::StandaloneState State() const;
  const std::string& name() const { return options_.host.name; }

 private:
  struct Author {
    std::string name;
    std::string from;    // the files' names, or the revision
    std::string digest;  // of the files that the agent was started with, if they were taken
  };

  // Makes a revision of the draft and hands it to the keeper. An error: it could not be put in
  // force.
  absl::StatusOr<uint64_t> PutInForce(const Draft& draft, const Author& author,
                                      absl::Duration confirm);
  absl::Status TakeFiles();
  // The digest covers the files and what selects policies for this host, so the same digest means
  // the same rules.
  std::string DigestFor(const std::vector<policy::SourceFile>& files) const;
  // Whether the draft is what is in force.
  bool IsInForce(const Draft& draft) const;
  void LookAtFiles();
  policy::Configuration InForce() const;
  uint64_t NumberInForce() const;
  absl::Status CheckIdle() const;

  void Apply(const v1::StandaloneApply& question, Reply& reply);
  void Confirm(const v1::StandaloneConfirm& question, Reply& reply);
  void Undo(const v1::StandaloneUndo& question, Reply& reply);
  void Get(const v1::StandaloneGet& question, Reply& reply);
  void Revisions(Reply& reply);
  void End(const Draft& draft, const policy::Configuration& before, const Author& author,
           absl::Duration confirm, Reply& reply);

  const Options options_;
  EventLoop& loop_;
  RevisionKeeper& keeper_;
  StandaloneHistory history_;
  std::string files_problem_;
  std::unique_ptr<PolicyWatch> watch_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_STANDALONE_STANDALONE_H_
