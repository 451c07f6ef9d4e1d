// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_RECORD_RECORDING_H_
#define FIREBREAK_AGENT_RECORD_RECORDING_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/kernel/links/links.h"
#include "agent/location/interface_locations.h"
#include "agent/loop/event_loop.h"
#include "agent/record/log_stats.h"
#include "agent/record/recorder.h"
#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::agent {

// The agent's view of the recorder: tells it what the policy in force wants recorded, and sends its
// batches on the stream. Starts nothing before a policy wants a log.
//
// Threading: on the event loop's thread.
class Recording {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // Sends the message to the controller, if there is a stream.
    virtual void Send(v1::AgentMessage message) = 0;
    // `problem()` has changed.
    virtual void FactsChanged() = 0;
  };

  // References must outlive this object. A policy's log file must be below one of
  // `log_directories`; the default file is in the first of them.
  Recording(EventLoop& loop, std::string spool_directory, std::vector<std::string> log_directories,
            const InterfaceLocations& locations, Listener& listener);

  // The policy in force, and the host's interfaces and their locations.
  void SetPolicy(const v1::EffectivePolicy& policy);
  void SetLinks(const std::vector<Link>& links);
  void LocationsChanged() { Update(); }

  // Records that a flood of connection requests has begun or ended, if a policy wants any records.
  void NoteAttack(bool began) {
    if (recorder_ != nullptr) recorder_->NoteAttack(began);
  }

  // Must be called when a new stream to the controller has begun.
  void BeginStream();
  void Acknowledge(const v1::LogAcknowledgement& acknowledgement);

  // The path of this host's log; empty if there is none.
  const std::string& file() const { return file_; }
  // The reason why the log cannot be written; empty if it can be.
  const std::string& problem() const { return problem_; }
  // Returns nullopt if nothing is recorded.
  std::optional<LogStats> stats() const;

  // Records everything that the kernel has still to deliver, and then stops recording.
  void End() { recorder_.reset(); }

 private:
  void Start();
  void Update();
  void Send(uint64_t stream, v1::LogBatch batch);

  EventLoop& loop_;
  const std::string spool_directory_;
  const std::vector<std::string> log_directories_;
  const InterfaceLocations& locations_;
  Listener& listener_;
  std::shared_ptr<const v1::EffectivePolicy> policy_;
  std::vector<Link> links_;
  std::string file_;
  std::string problem_;
  uint64_t stream_ = 0;
  std::unique_ptr<Recorder> recorder_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_RECORDING_H_
