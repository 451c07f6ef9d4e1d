#ifndef FIREBREAK_AGENT_RECORD_RECORDING_H_
#define FIREBREAK_AGENT_RECORD_RECORDING_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/kernel/links/links.h"
#include "agent/loop/event_loop.h"
#include "agent/record/log_figures.h"
#include "agent/record/recorder.h"
#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::agent {

// The recorder as the agent sees it: has what the policy in force wants recorded, and brings its
// batches to the stream. Nothing is started before a policy wants something.
//
// Threading: on the event loop's thread.
class Recording {
 public:
  struct Outside {
    std::function<void(v1::AgentMessage)> send;
    // At which location an interface is.
    std::function<std::string(const std::string& interface)> location_of;
    std::function<void()> problem_changed;
  };

  // `loop` must outlive it. `log_directories` are those below which a policy may have its log file;
  // in the first is that of a policy that names none.
  Recording(EventLoop& loop, std::string spool_directory, std::vector<std::string> log_directories,
            Outside outside);

  // What is in force now, and what the host has and where it is.
  void SetPolicy(const v1::EffectivePolicy& policy);
  void SetLinks(const std::vector<Link>& links);
  void LocationsChanged() { Update(); }

  // A stream begins; what was sent on another is not on this one.
  void BeginStream();
  void Acknowledge(const v1::LogAcknowledgement& acknowledgement);

  // Where this host's log is, if there is one.
  const std::string& file() const { return file_; }
  // What keeps the log from being written; empty: nothing.
  const std::string& problem() const { return problem_; }
  // None: nothing is recorded.
  std::optional<LogFigures> figures() const;

  // Writes out what the kernel has still to tell. Nothing is recorded afterwards.
  void End() { recorder_.reset(); }

 private:
  void Start();
  void Update();
  void Send(uint64_t stream, v1::LogBatch batch);

  EventLoop& loop_;
  const std::string spool_directory_;
  const std::vector<std::string> log_directories_;
  const Outside outside_;
  std::shared_ptr<const v1::EffectivePolicy> policy_;
  std::vector<Link> links_;
  std::string file_;
  std::string problem_;
  uint64_t stream_ = 0;
  std::unique_ptr<Recorder> recorder_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_RECORDING_H_
