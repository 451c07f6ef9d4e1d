// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_ASK_CALL_H_
#define FIREBREAK_CONTROLLER_ADMIN_ASK_CALL_H_

#include <grpcpp/alarm.h>
#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "controller/fleet/host_stream.h"
#include "controller/fleet/inquiry.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::controller {

// One AskHost call: relays a question to the host's stream, and the parts of the answer back,
// until the last part, the question's timeout, or the end of the call or of the host's stream. The
// host may be at most kAnswerWindow parts ahead of the caller; if it sends more, the call ends. The
// call is owned by itself until gRPC is done with it, and by the stream while the host has not
// answered.
class AskCall final : public grpc::ServerWriteReactor<v1::Answer>,
                      public Inquiry,
                      public std::enable_shared_from_this<AskCall> {
 public:
  // The bound on the bytes of waiting parts: a part may be larger than kAnswerPartBytes, but not
  // every part.
  static constexpr size_t kMaxWaitingBytes = 4 << 20;
  static constexpr uint32_t kDefaultTimeoutMillis = 30'000;
  static constexpr uint32_t kMaxTimeoutMillis = 3'600'000;

  static AskCall* Start(std::shared_ptr<HostStream> stream, v1::Question question);

  void OnAnswer(v1::Answer answer) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnHostGone(const absl::Status& reason) override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  explicit AskCall(std::shared_ptr<HostStream> stream) : stream_(std::move(stream)) {}

  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnCancel() override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnDone() override ABSL_LOCKS_EXCLUDED(mutex_);
  void MaybeWrite() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Accepts no further parts; `status` follows the parts that wait.
  void Conclude(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Like Conclude, but drops the parts that wait.
  void Abort(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);

  const std::shared_ptr<HostStream> stream_;
  absl::Mutex mutex_;
  std::shared_ptr<AskCall> self_ ABSL_GUARDED_BY(mutex_);
  std::deque<v1::Answer> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;  // gRPC is writing the front of waiting_
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> conclusion_ ABSL_GUARDED_BY(mutex_);
  std::optional<uint64_t> question_ ABSL_GUARDED_BY(mutex_);
  grpc::Alarm alarm_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_ASK_CALL_H_
