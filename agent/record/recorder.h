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
#include "agent/record/log_figures.h"
#include "firebreak/v1/log.pb.h"

namespace firebreak::agent {

class RecordWork;

// Turns what the kernel tells of packets and connections into the log: on this host a file, and in
// batches for the controller. What cannot be recorded is counted and declared.
//
// Threading: methods from any one thread. The work is done on a thread of its own, which sleeps
// while there is none; `send` is called on it.
class Recorder {
 public:
  struct Options {
    std::string spool_directory;
    uint64_t max_spool_bytes = 64 << 20;
    // Below which a policy may have the log file.
    std::vector<std::string> log_directories;
    // Called on the recorder's thread when what keeps it from writing changes; empty: nothing does.
    std::function<void(std::string problem)> on_problem = [](const std::string&) {};
  };
  // A batch for the stream of this number.
  using Send = std::function<void(uint64_t stream, v1::LogBatch batch)>;

  Recorder(Options options, Send send);
  // Writes out what the kernel has still to tell.
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // What is to be recorded from now on.
  void Configure(std::shared_ptr<const RecordContext> context);

  // A stream to the controller has begun, and those before it have ended: what is not acknowledged
  // is sent again on it. Numbers ascend from 1.
  void BeginStream(uint64_t stream);
  void Acknowledge(const v1::LogAcknowledgement& acknowledgement);

  // What the recorder has counted, as of its last round.
  LogFigures figures() const;

 private:
  EventLoop loop_;
  std::unique_ptr<RecordWork> work_;  // the thread's
  std::thread thread_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_RECORDER_H_
