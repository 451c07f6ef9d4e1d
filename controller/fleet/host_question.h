// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_HOST_QUESTION_H_
#define FIREBREAK_CONTROLLER_FLEET_HOST_QUESTION_H_

#include <functional>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/fleet/host_stream.h"
#include "controller/fleet/inquiry.h"

namespace firebreak::controller {

// A question that the controller itself asks one host, and the state of the answer. The asker polls
// Result. An answer that is late or too long counts as none. When the last reference except the
// stream's is dropped, or on Stop, the host is told that nobody listens.
//
// Thread-safe.
class HostQuestion : public Inquiry, public std::enable_shared_from_this<HostQuestion> {
 public:
  // The most parts of an answer that are accepted; no honest host sends more.
  static constexpr size_t kMaxParts = 10'000;

  // `on_part` is called for each part in turn, on any thread, and not after Stop has returned.
  using OnPart = std::function<void(const v1::Answer&)>;

  static std::shared_ptr<HostQuestion> Ask(std::shared_ptr<HostStream> stream,
                                           v1::Question question, absl::Duration timeout,
                                           OnPart on_part);

  // Returns OK when the whole answer has arrived, an error such as DeadlineExceeded or Unavailable
  // if there will be no answer, and none while the answer is on its way.
  std::optional<absl::Status> Result() ABSL_LOCKS_EXCLUDED(mutex_);

  // Withdraws the question because nobody waits for the answer any more.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  void OnAnswer(v1::Answer answer) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnHostGone(const absl::Status& reason) override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  HostQuestion(std::shared_ptr<HostStream> stream, absl::Duration timeout, OnPart on_part);

  const std::shared_ptr<HostStream> stream_;
  const absl::Duration deadline_;  // by SteadyCondition's clock
  absl::Mutex mutex_;
  OnPart on_part_ ABSL_GUARDED_BY(mutex_);
  std::optional<uint64_t> id_ ABSL_GUARDED_BY(mutex_);
  size_t parts_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t untold_ ABSL_GUARDED_BY(mutex_) = 0;  // parts taken before the id was known
  std::optional<absl::Status> result_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_HOST_QUESTION_H_
