// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ANSWER_LOGS_H_
#define FIREBREAK_AGENT_ANSWER_LOGS_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/answer/background_answers.h"
#include "agent/answer/reply.h"
#include "agent/loop/event_loop.h"
#include "agent/record/log_reader.h"
#include "base/descriptor/descriptor.h"
#include "firebreak/v1/host.pb.h"
#include "proto/log/query.h"

namespace firebreak::agent {

// Answers a LogsQuestion that does not follow, from the log file at `path`. `host` is this host's
// name. Call this on a thread of its own.
absl::StatusOr<v1::Answer> ProduceLogs(const v1::LogsQuestion& question, const std::string& path,
                                       const std::string& host,
                                       const BackgroundAnswers::Emit& emit);

// Answers a LogsQuestion that follows: sends lines when they are written (inotify(7) wakes it), and
// as fast as the asker takes them. Lives until nobody listens any longer or the question's time is
// almost over.
//
// Threading: on the event loop's thread. `loop` must outlive this object.
class LogFollower : public std::enable_shared_from_this<LogFollower> {
 public:
  static void Start(EventLoop& loop, std::shared_ptr<Reply> reply, const std::string& path,
                    const std::string& host);
  ~LogFollower();

 private:
  LogFollower(EventLoop& loop, std::shared_ptr<Reply> reply, LogReader reader, LogQuery query,
              std::string host, Descriptor changes);

  static absl::StatusOr<std::shared_ptr<LogFollower>> Make(EventLoop& loop,
                                                           const std::shared_ptr<Reply>& reply,
                                                           const std::string& path,
                                                           const std::string& host);
  void ReadOn();
  void ReadOnSoon();
  void End(const absl::Status& status);

  EventLoop& loop_;
  std::shared_ptr<Reply> reply_;  // null once the answer has ended
  LogReader reader_;
  const LogQuery query_;
  const std::string host_;
  const Descriptor changes_;
  EventLoop::Timer end_ = 0;
  int under_way_ = 0;
  bool soon_ = false;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_LOGS_H_
