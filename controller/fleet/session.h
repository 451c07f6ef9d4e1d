#ifndef FIREBREAK_CONTROLLER_FLEET_SESSION_H_
#define FIREBREAK_CONTROLLER_FLEET_SESSION_H_

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <deque>
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
#include "firebreak/v1/fleet.pb.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::controller {

class Session;

// What a session tells the fleet; called one message at a time per session, without its lock.
class SessionListener {
 public:
  virtual ~SessionListener() = default;

  virtual void OnHello(const std::shared_ptr<Session>& session, const v1::Hello& hello) = 0;
  virtual void OnReceipt(const Session& session, const v1::Receipt& receipt) = 0;
  virtual void OnRefusal(const Session& session, const v1::Refusal& refusal) = 0;
  // The revision gives the host the policy that its receipt has proven; only its number is to
  // follow.
  virtual void OnInForce(const Session& session, uint64_t revision) = 0;
  // A revision is on its way; and, after so long, its receipt is here. Both under the session's
  // lock: to be counted, no more.
  virtual void OnPushed() = 0;
  virtual void OnProven(absl::Duration after) = 0;
  virtual void OnFacts(const Session& session, const v1::Facts& facts) = 0;
  // Answered with LogTaken, sooner or later.
  virtual void OnLog(const std::shared_ptr<Session>& session, v1::LogBatch batch) = 0;
  virtual void OnEvent(const Session& session, const v1::HostEvent& event) = 0;
  // The stream has ended; nothing follows. Not called for a session that never said hello.
  virtual void OnEnd(const std::shared_ptr<Session>& session) = 0;
  // When the newest certificate that the host was given ends; InfinitePast: it has been revoked.
  virtual absl::Time CertificateEnds(const Session& session) = 0;
  // The host sent what no agent sends.
  virtual void OnBadMessage(const Session& session, const absl::Status& reason) = 0;
};

// One host's stream, as a gRPC reactor. Reads continuously, writes one message at a time:
// questions first, then the push that Delivery decides on, when it is its turn: a policy when the
// TrialLine lets the host go on trial, the mere number of a revision when the NumberLine does. Each
// has a lock of its own, so a host that does not read holds up nobody else, and holds no more than
// one push and kMaxQuestions questions.
//
// Owned by shared_ptr: by itself while gRPC needs it, and by whoever else holds it. All methods may
// be called from any thread and do nothing after the end of the stream.
class Session : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                public InLine,
                public std::enable_shared_from_this<Session> {
 public:
  static constexpr absl::Duration kHelloTimeout = absl::Seconds(10);
  static constexpr absl::Duration kEndGrace = absl::Milliseconds(200);
  static constexpr size_t kMaxQuestions = 16;
  // Batches of the log that are taken, but not yet on the disk; while there are so many, nothing
  // more is read.
  static constexpr size_t kMaxLogBatches = 32;
  // Of anything but an answer.
  static constexpr size_t kMaxReportBytes = firebreak::kMaxReportBytes;

  struct Host {
    std::string name;
    std::string address;
    // The stream ends then, unless the host has renewed its certificate meanwhile, as it can do
    // with a valid one only.
    absl::Time certificate_not_after;
  };

  // Where hosts stand until they may be sent a push.
  struct Lines {
    TrialLine& trials;
    NumberLine& numbers;
  };

  // `listener` and `lines` must outlive the session. `context` is gRPC's, valid until OnDone.
  static std::shared_ptr<Session> Start(grpc::CallbackServerContext* context, Host host,
                                        SessionListener& listener, Lines lines);

  const Host& host() const { return host_; }

  // Sees to it that the host gets `assignment`, unless a newer one is wanted already.
  void Offer(std::shared_ptr<const Assignment> assignment) ABSL_LOCKS_EXCLUDED(mutex_);

  // Tells the host that it is connected. One that is in sync, or is offered nothing, may hear
  // nothing else for long.
  void Serve() ABSL_LOCKS_EXCLUDED(mutex_);

  // Asks the host, and returns the question's id for Forget. ResourceExhausted: too many questions
  // are unanswered. Unavailable: the stream has ended.
  absl::StatusOr<uint64_t> Ask(v1::Question question, std::shared_ptr<Inquiry> inquiry)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Nobody waits for the answer any more: the host is told, unless it has said all.
  void Forget(uint64_t question) ABSL_LOCKS_EXCLUDED(mutex_);
  // Whoever asked has taken a part that was not the last: the host may send another.
  void Taken(uint64_t question) ABSL_LOCKS_EXCLUDED(mutex_);

  // A batch of the log is on the disk, and all of its epoch before `next_sequence`; or it is none,
  // and the stream ends.
  void LogTaken(const absl::Status& status, uint64_t epoch, uint64_t next_sequence)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // The host's numbered events up to this one are kept here: it need not any more.
  void EventsTaken(uint64_t number) ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends the stream. Nothing more is written; if a message is on its way that the host does not
  // take within kEndGrace, the stream is cut off without a status.
  void End(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  Session(grpc::CallbackServerContext* context, Host host, SessionListener& listener, Lines lines);

  void OnTurn() override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnReadDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnCancel() override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnDone() override ABSL_LOCKS_EXCLUDED(mutex_);

  absl::Status Take(const grpc::ByteBuffer& bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  void TakeAnswer(v1::Answer answer) ABSL_LOCKS_EXCLUDED(mutex_);
  void Tell(const v1::ControllerMessage& message) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void MaybeWrite() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SayServed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether something other than a push is to be written, which is then in outgoing_.
  bool TakeSmallMessage() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The same for a push.
  bool TakePush() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The host has answered; `applying` is how long it says that it needed to apply the revision.
  void EndTrial(absl::Duration applying) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetHelloAlarm();
  void SetExpiryAlarm(absl::Time certificate_ends) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnExpiry() ABSL_LOCKS_EXCLUDED(mutex_);

  const Host host_;
  SessionListener& listener_;
  const Lines lines_;
  grpc::ByteBuffer incoming_;  // gRPC's between StartRead and OnReadDone

  absl::Mutex mutex_;
  std::shared_ptr<Session> self_ ABSL_GUARDED_BY(mutex_);  // until OnDone
  grpc::CallbackServerContext* context_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool greeted_ ABSL_GUARDED_BY(mutex_) = false;
  bool answered_ ABSL_GUARDED_BY(mutex_) = false;  // the host knows that the stream is served
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ByteBuffer outgoing_;  // gRPC's while writing_
  Delivery delivery_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const Assignment> wanted_ ABSL_GUARDED_BY(mutex_);
  bool on_trial_ ABSL_GUARDED_BY(mutex_) = false;         // a policy is in flight
  uint64_t pushed_revision_ ABSL_GUARDED_BY(mutex_) = 0;  // 0: its receipt is here
  absl::Duration pushed_at_ ABSL_GUARDED_BY(mutex_);      // by SteadyCondition's clock
  // Questions, and what is to be told of them.
  std::deque<grpc::Slice> questions_ ABSL_GUARDED_BY(mutex_);
  // By question, how many parts have been taken that the host has not been told of.
  absl::flat_hash_map<uint64_t, uint32_t> taken_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<uint64_t, std::shared_ptr<Inquiry>> inquiries_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_question_ ABSL_GUARDED_BY(mutex_) = 1;
  std::optional<uint64_t> events_taken_ ABSL_GUARDED_BY(mutex_);  // that the host is to be told of
  std::optional<v1::LogAcknowledgement> log_acknowledgement_ ABSL_GUARDED_BY(mutex_);
  size_t log_batches_ ABSL_GUARDED_BY(mutex_) = 0;
  bool reading_held_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Alarm hello_alarm_;
  std::unique_ptr<grpc::Alarm> expiry_alarm_ ABSL_GUARDED_BY(mutex_);
  grpc::Alarm end_alarm_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_SESSION_H_
