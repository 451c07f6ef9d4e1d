// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_HOST_STREAM_H_
#define FIREBREAK_CONTROLLER_FLEET_HOST_STREAM_H_

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/fleet/assignment.h"
#include "controller/fleet/delivery.h"
#include "controller/fleet/in_line.h"
#include "controller/fleet/inquiry.h"
#include "controller/fleet/number_line.h"
#include "controller/fleet/trial_line.h"
#include "controller/front/allowance.h"
#include "controller/front/http2/call.h"
#include "firebreak/v1/fleet.pb.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::controller {

class HostStream;

// The fleet as a stream sees it. Each stream calls it for one message at a time, without the
// stream's lock.
class HostStreamListener {
 public:
  virtual ~HostStreamListener() = default;

  virtual void OnHello(const std::shared_ptr<HostStream>& stream, const v1::Hello& hello) = 0;
  virtual void OnReceipt(const HostStream& stream, const v1::Receipt& receipt) = 0;
  virtual void OnRefusal(const HostStream& stream, const v1::Refusal& refusal) = 0;
  // Called when the revision gives the host the policy that its receipt has proven, so that only
  // the number is left to be sent.
  virtual void OnInForce(const HostStream& stream, uint64_t revision) = 0;
  // OnPushed is called when a push is sent, OnProven when its receipt has arrived after that time.
  // Both are called under the stream's lock and may only count.
  virtual void OnPushed() = 0;
  virtual void OnProven(absl::Duration after) = 0;
  virtual void OnFacts(const HostStream& stream, const v1::Facts& facts) = 0;
  // Must be answered with LogTaken, sooner or later.
  virtual void OnLog(const std::shared_ptr<HostStream>& stream, v1::LogBatch batch) = 0;
  virtual void OnEvent(const HostStream& stream, const v1::HostEvent& event) = 0;
  // Called when the stream has ended; no call follows. Not called for a stream that never said
  // hello.
  virtual void OnEnd(const std::shared_ptr<HostStream>& stream) = 0;
  // Returns when the newest certificate that the host was given expires; InfinitePast if it has
  // been revoked.
  virtual absl::Time CertificateEnds(const HostStream& stream) = 0;
  // Called when the host sent a message that no agent sends.
  virtual void OnBadMessage(const HostStream& stream, const absl::Status& reason) = 0;
};

// One host's stream: the handler of a call. Reads continuously, and writes one message at a time:
// the push that Delivery decides on first, when it is the host's turn, then questions, then
// acknowledgements. For a policy, the TrialLine decides when the host may go on trial; for the mere
// number of a revision, the NumberLine decides. Each stream has a lock of its own. So a host that
// does not read delays no other host, and no more than one push and kMaxQuestions questions are
// held for it.
//
// Owned by shared_ptr: by its call until the call has ended, and by other holders. All methods may
// be called from any thread, and do nothing after the end of the stream. The host's messages are
// handled on the threads of the front's CallPool, one at a time, and the listener is called on
// these threads.
class HostStream : public CallHandler,
                   public InLine,
                   public std::enable_shared_from_this<HostStream> {
 public:
  static constexpr absl::Duration kHelloTimeout = absl::Seconds(10);
  static constexpr absl::Duration kEndGrace = absl::Milliseconds(200);
  static constexpr size_t kMaxQuestions = 16;
  // The number of log batches that are taken but not yet on the disk; when it is reached, the
  // stream reads nothing more.
  static constexpr size_t kMaxLogBatches = 32;
  // The largest message that a host may send, except answers. A host that has not said hello has
  // been asked nothing.
  static constexpr size_t kMaxReportBytes = firebreak::kMaxReportBytes;

  // The messages of a host that are taken at once, and then in a second: several times as many as
  // an agent sends. A host that sends more is read from more slowly.
  static constexpr Allowance::Rate kMessages = {5000, 2000};

  // The lines in which hosts wait until they may be sent a push.
  struct Lines {
    TrialLine& trials;
    NumberLine& numbers;
  };

  // `listener` and `lines` must outlive the stream. When the caller's certificate expires the
  // stream ends, unless the host has renewed its certificate meanwhile, which it can do only with a
  // valid one.
  static std::shared_ptr<HostStream> Start(std::shared_ptr<Call> call, HostStreamListener& listener,
                                           Lines lines);

  const Caller& host() const { return call_->caller(); }

  // Makes sure that the host gets `assignment`, unless a newer one is wanted already.
  void Offer(std::shared_ptr<const Assignment> assignment) ABSL_LOCKS_EXCLUDED(mutex_);

  // Tells the host that it is connected; a host that is in sync, or is offered nothing, may get no
  // other message for long.
  void Serve() ABSL_LOCKS_EXCLUDED(mutex_);

  // Asks the host, and returns the question's id for Forget. ResourceExhausted: too many questions
  // are unanswered. Unavailable: the stream has ended.
  absl::StatusOr<uint64_t> Ask(v1::Question question, std::shared_ptr<Inquiry> inquiry)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Forgets a question for whose answer nobody waits any longer, and tells the host unless it has
  // answered.
  void Forget(uint64_t question) ABSL_LOCKS_EXCLUDED(mutex_);
  // Must be called when the asker has taken a part that was not the last; the host may then send
  // another.
  void Taken(uint64_t question) ABSL_LOCKS_EXCLUDED(mutex_);

  // Reports a batch of the log: everything in its epoch before `next_sequence` is on the disk. An
  // error means that the batch was invalid, and ends the stream.
  void LogTaken(const absl::Status& status, uint64_t epoch, uint64_t next_sequence)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Tells the host that its numbered events up to this one are stored here, so that the host need
  // not keep them.
  void EventsTaken(uint64_t number) ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends the stream. Nothing more is written. If a message is being written and the host does not
  // take it within kEndGrace, the stream is cut off without a status.
  void End(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  HostStream(std::shared_ptr<Call> call, HostStreamListener& listener, Lines lines);

  void OnTurn() override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnMessage(std::string message) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnEndOfMessages() override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnUnreadable(const absl::Status& reason) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnSent() override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnDone() override ABSL_LOCKS_EXCLUDED(mutex_);

  void Read() ABSL_LOCKS_EXCLUDED(mutex_);
  void ReadNow() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Take(const std::string& bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  void AcceptAnswer(v1::Answer answer) ABSL_LOCKS_EXCLUDED(mutex_);
  void Tell(const v1::ControllerMessage& message) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void MaybeWrite() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SayServed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Returns the next message other than a push; null if none is to be sent.
  WireMessage NextSmallMessage() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Like NextSmallMessage, for a push.
  WireMessage NextPush() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Must be called when the host has answered; `applying` is the time that the host says it needed
  // to apply the revision.
  void EndTrial(absl::Duration applying) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetHelloAlarm();
  void SetExpiryAlarm(absl::Time certificate_ends);
  void OnHelloTime() ABSL_LOCKS_EXCLUDED(mutex_);
  void OnExpiry() ABSL_LOCKS_EXCLUDED(mutex_);

  const std::shared_ptr<Call> call_;
  HostStreamListener& listener_;
  const Lines lines_;

  absl::Mutex mutex_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool greeted_ ABSL_GUARDED_BY(mutex_) = false;
  // Whether the host knows that the stream is served.
  bool answered_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  Delivery delivery_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const Assignment> wanted_ ABSL_GUARDED_BY(mutex_);
  bool on_trial_ ABSL_GUARDED_BY(mutex_) = false;         // whether a policy is in flight
  uint64_t pushed_revision_ ABSL_GUARDED_BY(mutex_) = 0;  // 0 once its receipt is here
  absl::Duration pushed_at_ ABSL_GUARDED_BY(mutex_);      // by the clock of SteadyCondition
  // Questions and cancellations.
  std::list<WireMessage> questions_ ABSL_GUARDED_BY(mutex_);
  // For each question, the number of taken parts that the host has not been told of.
  absl::flat_hash_map<uint64_t, uint32_t> taken_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<uint64_t, std::shared_ptr<Inquiry>> inquiries_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_question_ ABSL_GUARDED_BY(mutex_) = 1;
  std::optional<uint64_t> events_taken_ ABSL_GUARDED_BY(mutex_);  // the number to tell the host
  std::optional<v1::LogAcknowledgement> log_acknowledgement_ ABSL_GUARDED_BY(mutex_);
  size_t log_batches_ ABSL_GUARDED_BY(mutex_) = 0;
  bool reading_held_ ABSL_GUARDED_BY(mutex_) = false;
  Allowance messages_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_HOST_STREAM_H_
