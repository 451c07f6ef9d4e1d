// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/host_stream.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "controller/identity/grpc_status.h"
#include "controller/worker/steady_condition.h"

namespace firebreak::controller {

HostStream::HostStream(grpc::CallbackServerContext* context, Host host,
                       HostStreamListener& listener, Lines lines)
    : host_(std::move(host)), listener_(listener), lines_(lines), context_(context) {}

std::shared_ptr<HostStream> HostStream::Start(grpc::CallbackServerContext* context, Host host,
                                              HostStreamListener& listener, Lines lines) {
  std::shared_ptr<HostStream> stream(new HostStream(context, std::move(host), listener, lines));
  {
    absl::MutexLock lock(&stream->mutex_);
    stream->self_ = stream;
  }
  stream->SetHelloAlarm();
  stream->SetExpiryAlarm(stream->host_.certificate_not_after);
  stream->StartRead(&stream->incoming_);
  return stream;
}

void HostStream::SetHelloAlarm() {
  const std::weak_ptr<HostStream> weak = weak_from_this();
  hello_alarm_.Set(absl::ToChronoTime(absl::Now() + kHelloTimeout), [weak](bool expired) {
    const auto stream = weak.lock();
    if (!expired || stream == nullptr) return;
    {
      absl::MutexLock lock(&stream->mutex_);
      if (stream->greeted_) return;
    }
    stream->End(absl::DeadlineExceededError("the host did not say hello in time"));
  });
}

void HostStream::SetExpiryAlarm(absl::Time certificate_ends) {
  const std::weak_ptr<HostStream> weak = weak_from_this();
  auto alarm = std::make_unique<grpc::Alarm>();
  alarm->Set(absl::ToChronoTime(certificate_ends), [weak](bool expired) {
    if (const auto stream = weak.lock(); expired && stream != nullptr) stream->OnExpiry();
  });
  absl::MutexLock lock(&mutex_);
  if (!ended_) expiry_alarm_ = std::move(alarm);
}

void HostStream::OnExpiry() {
  const absl::Time ends = listener_.CertificateEnds(*this);
  if (ends > absl::Now()) {
    SetExpiryAlarm(ends);
  } else {
    End(absl::UnauthenticatedError("the certificate of this connection has expired"));
  }
}

void HostStream::Offer(std::shared_ptr<const Assignment> assignment) {
  const uint64_t revision = assignment->revision;
  bool in_force = false;
  {
    absl::MutexLock lock(&mutex_);
    if (wanted_ != nullptr && revision < wanted_->revision) return;
    delivery_.Want(revision, assignment->policy_digest);
    wanted_ = std::move(assignment);
    in_force = greeted_ && !ended_ && delivery_.Due() == Delivery::Push::kBrief;
    MaybeWrite();
    SayServed();
  }
  if (in_force) listener_.OnInForce(*this, revision);
}

void HostStream::Serve() {
  absl::MutexLock lock(&mutex_);
  SayServed();
}

void HostStream::SayServed() {
  if (greeted_ && !ended_ && !std::exchange(answered_, true)) StartSendInitialMetadata();
}

absl::StatusOr<uint64_t> HostStream::Ask(v1::Question question, std::shared_ptr<Inquiry> inquiry) {
  absl::MutexLock lock(&mutex_);
  if (ended_) return absl::UnavailableError(absl::StrCat("host ", host_.name, " is offline"));
  // Questions that the host does not read count too, even if nobody waits for their answers any
  // longer.
  if (inquiries_.size() >= kMaxQuestions || questions_.size() >= 4 * kMaxQuestions) {
    return absl::ResourceExhaustedError(absl::StrCat("host ", host_.name, " has ", kMaxQuestions,
                                                     " unanswered questions; try again later"));
  }
  const uint64_t id = next_question_++;
  v1::ControllerMessage message;
  *message.mutable_question() = std::move(question);
  message.mutable_question()->set_id(id);
  inquiries_[id] = std::move(inquiry);
  Tell(message);
  return id;
}

void HostStream::Forget(uint64_t question) {
  absl::MutexLock lock(&mutex_);
  if (inquiries_.erase(question) == 0 || ended_) return;
  taken_.erase(question);
  v1::ControllerMessage message;
  message.set_cancel(question);
  Tell(message);
}

void HostStream::Taken(uint64_t question) {
  absl::MutexLock lock(&mutex_);
  if (ended_ || !inquiries_.contains(question)) return;
  ++taken_[question];
  MaybeWrite();
}

void HostStream::EventsTaken(uint64_t number) {
  absl::MutexLock lock(&mutex_);
  if (ended_) return;
  events_taken_ = number;  // the newest number covers all earlier ones
  MaybeWrite();
}

void HostStream::Tell(const v1::ControllerMessage& message) {
  questions_.emplace_back(message.SerializeAsString());
  MaybeWrite();
}

void HostStream::End(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (ended_) return;
  ended_ = true;
  Finish(ToGrpc(status));
  if (!writing_) return;
  // If the host does not read the message in flight, the status behind it would wait for ever.
  end_alarm_.Set(absl::ToChronoTime(absl::Now() + kEndGrace),
                 [weak = weak_from_this()](bool expired) {
                   const auto stream = weak.lock();
                   if (!expired || stream == nullptr) return;
                   absl::MutexLock session_lock(&stream->mutex_);
                   if (stream->context_ != nullptr) stream->context_->TryCancel();
                 });
}

void HostStream::MaybeWrite() {
  if (ended_ || writing_ || !greeted_) return;
  // A push does not wait behind what others ask; at most one is unanswered, so that it delays the
  // small messages by one message only.
  if (!PreparePush() && !PrepareSmallMessage()) return;
  writing_ = true;
  answered_ = true;
  StartWrite(&outgoing_);
}

bool HostStream::PrepareSmallMessage() {
  // Questions for whose answer nobody waits are still sent, because they are few.
  if (!questions_.empty()) {
    outgoing_ = grpc::ByteBuffer(&questions_.front(), 1);
    questions_.pop_front();
    return true;
  }
  v1::ControllerMessage message;
  if (!taken_.empty()) {
    message.mutable_answer_taken()->set_id(taken_.begin()->first);
    message.mutable_answer_taken()->set_parts(taken_.begin()->second);
    taken_.erase(taken_.begin());
  } else if (events_taken_.has_value()) {
    message.set_events_taken(*std::exchange(events_taken_, std::nullopt));
  } else if (log_acknowledgement_.has_value()) {
    *message.mutable_log_acknowledgement() = *std::exchange(log_acknowledgement_, std::nullopt);
  } else {
    return false;
  }
  const grpc::Slice bytes(message.SerializeAsString());
  outgoing_ = grpc::ByteBuffer(&bytes, 1);
  return true;
}

bool HostStream::PreparePush() {
  const Delivery::Push due = delivery_.Due();
  if (due == Delivery::Push::kNone) return false;
  const bool full = due == Delivery::Push::kFull;
  if (!(full ? lines_.trials.Enter(shared_from_this())
             : lines_.numbers.Enter(shared_from_this()))) {
    return false;
  }
  delivery_.Sent();
  on_trial_ = full;
  outgoing_ = grpc::ByteBuffer(full ? &wanted_->full : &wanted_->brief, 1);
  pushed_revision_ = wanted_->revision;
  pushed_at_ = SteadyCondition::Now();
  listener_.OnPushed();
  return true;
}

void HostStream::OnTurn() {
  absl::MutexLock lock(&mutex_);
  MaybeWrite();
  // The full push may not be due any longer. If it is due but another message is being written, the
  // host goes on trial after that message.
  if (ended_ || (!on_trial_ && delivery_.Due() != Delivery::Push::kFull)) {
    lines_.trials.Leave(*this);
  }
}

void HostStream::EndTrial(absl::Duration applying) {
  if (!on_trial_ || delivery_.in_flight()) return;  // the answer is about another revision
  on_trial_ = false;
  const absl::Duration since = SteadyCondition::Now() - pushed_at_;
  lines_.trials.Answered(*this, std::max(absl::ZeroDuration(), since - applying));
}

void HostStream::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  writing_ = false;
  outgoing_.Clear();
  // If the write failed, the read fails too, and that ends the stream.
  if (ok) MaybeWrite();
}

void HostStream::OnReadDone(bool ok) {
  if (!ok) {
    End(absl::OkStatus());
    return;
  }
  if (absl::Status status = Take(incoming_); !status.ok()) {
    listener_.OnBadMessage(*this, status);
    End(status);
    return;
  }
  incoming_.Clear();
  {
    absl::MutexLock lock(&mutex_);
    reading_held_ = log_batches_ >= kMaxLogBatches;
    if (reading_held_) return;
  }
  StartRead(&incoming_);
}

void HostStream::LogTaken(const absl::Status& status, uint64_t epoch, uint64_t next_sequence) {
  if (!status.ok()) {
    listener_.OnBadMessage(*this, status);
    End(status);
    return;
  }
  absl::MutexLock lock(&mutex_);
  --log_batches_;
  if (ended_) return;
  // The newest acknowledgement covers all earlier ones, because batches are taken in order.
  log_acknowledgement_.emplace().set_epoch(epoch);
  log_acknowledgement_->set_next_sequence(next_sequence);
  MaybeWrite();
  if (std::exchange(reading_held_, false)) StartRead(&incoming_);
}

absl::Status HostStream::Take(const grpc::ByteBuffer& bytes) {
  v1::AgentMessage message;
  grpc::ByteBuffer copy(bytes);
  grpc::ProtoBufferReader reader(&copy);
  if (!reader.status().ok() || !message.ParseFromZeroCopyStream(&reader)) {
    return absl::InvalidArgumentError("the message cannot be read");
  }
  if (!message.has_answer() && bytes.Length() > kMaxReportBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a report of ", bytes.Length(), " bytes; the limit is ", kMaxReportBytes));
  }
  bool greeted = false;
  {
    absl::MutexLock lock(&mutex_);
    if (ended_) return absl::OkStatus();
    greeted = greeted_;
    if (message.has_hello() == greeted) {
      return absl::InvalidArgumentError(greeted ? "a second hello" : "hello must come first");
    }
    const auto on_receipt = [&](const v1::Receipt& receipt) {
      delivery_.OnReceipt(receipt.revision(), receipt.policy_digest());
      EndTrial(absl::Microseconds(static_cast<double>(receipt.apply_micros())));
    };
    const auto on_refusal = [&](const v1::Refusal& refusal) {
      delivery_.OnRefusal(refusal.revision(), refusal.policy_digest(),
                          refusal.kind() == v1::Refusal::undone);
      EndTrial(absl::ZeroDuration());
    };
    if (message.has_hello()) {
      greeted_ = true;
      if (message.hello().has_receipt()) on_receipt(message.hello().receipt());
      if (message.hello().has_refusal()) on_refusal(message.hello().refusal());
    } else if (message.has_log()) {
      ++log_batches_;
    } else if (message.has_receipt()) {
      on_receipt(message.receipt());
      if (message.receipt().revision() == pushed_revision_ && pushed_revision_ != 0) {
        pushed_revision_ = 0;
        listener_.OnProven(SteadyCondition::Now() - pushed_at_);
      }
    } else if (message.has_refusal()) {
      on_refusal(message.refusal());
    }
  }
  switch (message.body_case()) {
    case v1::AgentMessage::kHello:
      hello_alarm_.Cancel();
      listener_.OnHello(shared_from_this(), message.hello());
      break;
    case v1::AgentMessage::kReceipt: listener_.OnReceipt(*this, message.receipt()); break;
    case v1::AgentMessage::kRefusal: listener_.OnRefusal(*this, message.refusal()); break;
    case v1::AgentMessage::kFacts: listener_.OnFacts(*this, message.facts()); break;
    case v1::AgentMessage::kLog:
      listener_.OnLog(shared_from_this(), std::move(*message.mutable_log()));
      break;
    case v1::AgentMessage::kEvent: listener_.OnEvent(*this, message.event()); break;
    case v1::AgentMessage::kAnswer: AcceptAnswer(std::move(*message.mutable_answer())); break;
    default: break;  // a message of a newer agent
  }
  absl::MutexLock lock(&mutex_);
  MaybeWrite();
  return absl::OkStatus();
}

void HostStream::AcceptAnswer(v1::Answer answer) {
  std::shared_ptr<Inquiry> inquiry;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = inquiries_.find(answer.id());
    if (found == inquiries_.end()) return;  // nobody waits for the answer any longer
    inquiry = found->second;
    if (answer.last()) {
      inquiries_.erase(found);
      taken_.erase(answer.id());
    }
  }
  inquiry->OnAnswer(std::move(answer));
}

void HostStream::OnCancel() { End(absl::CancelledError("the stream was cancelled")); }

void HostStream::OnDone() {
  std::shared_ptr<HostStream> self;
  absl::flat_hash_map<uint64_t, std::shared_ptr<Inquiry>> inquiries;
  std::unique_ptr<grpc::Alarm> expiry_alarm;
  bool greeted = false;
  {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
    context_ = nullptr;
    expiry_alarm = std::move(expiry_alarm_);
    greeted = greeted_;
    self = std::move(self_);
    inquiries.swap(inquiries_);
  }
  hello_alarm_.Cancel();
  end_alarm_.Cancel();
  lines_.trials.Leave(*this);
  lines_.numbers.Leave(*this);
  // The fleet is told first, so that an inquirer who hears that the host is gone, and asks again,
  // learns since when.
  if (greeted) listener_.OnEnd(self);
  for (const auto& [id, inquiry] : inquiries) {
    inquiry->OnHostGone(
        absl::UnavailableError(absl::StrCat("host ", host_.name, " has gone offline")));
  }
}

}  // namespace firebreak::controller
