// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_RECORD_RECORDER_H_
#define FIREBREAK_AGENT_RECORD_RECORDER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "agent/loop/event_loop.h"
#include "agent/record/context.h"
#include "agent/record/log_stats.h"
#include "firebreak/v1/log.pb.h"

namespace firebreak::agent {

class RecordWork;

// Turns the kernel's events about packets and connections into log records, and writes them to a
// file on this host and in batches to the controller. Records that are lost are counted and
// declared.
//
// Threading: methods from any one thread. The work is done on a thread of its own, which sleeps
// while idle; `send` is called on that thread.
class Recorder {
 public:
  struct Options {
    std::string spool_directory;
    uint64_t max_spool_bytes = 64 << 20;
    // A policy's log file must be below one of these.
    std::vector<std::string> log_directories;
    // Called on the recorder's thread when the reason why the log cannot be written changes;
    // `problem` is empty if it can be.
    std::function<void(std::string problem)> on_problem = [](const std::string&) {};
  };
  // Sends a batch on the stream with this number.
  using Send = std::function<void(uint64_t stream, v1::LogBatch batch)>;

  Recorder(Options options, Send send);
  // Records everything that the kernel has still to deliver.
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Sets what is to be recorded from now on.
  void Configure(std::shared_ptr<const RecordContext> context);

  // Records that a flood of connection requests has begun or ended, if a policy wants any records.
  void NoteAttack(bool began);

  // Must be called when a stream to the controller has begun and all earlier ones have ended: the
  // batches that are not acknowledged are sent again on this one. Numbers ascend from 1.
  void BeginStream(uint64_t stream);
  void Acknowledge(const v1::LogAcknowledgement& acknowledgement);

  // The recorder's counters as of the end of its last round.
  LogStats stats() const;

 private:
  EventLoop loop_;
  std::unique_ptr<RecordWork> work_;  // used on the recorder's thread only
  std::thread thread_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_RECORDER_H_
