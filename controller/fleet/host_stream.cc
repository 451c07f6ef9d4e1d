// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/host_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "controller/worker/steady_condition.h"

namespace firebreak::controller {
namespace {

constexpr absl::Duration kExpiryLook = absl::Hours(24);
// The pause of a host that sends too many messages, so that pauses are few.
constexpr auto kLeastPause = std::chrono::milliseconds(100);

}  // namespace

HostStream::HostStream(std::shared_ptr<Call> call, HostStreamListener& listener, Lines lines)
    : call_(std::move(call)),
      listener_(listener),
      lines_(lines),
      messages_(kMessages, Allowance::Clock::now()) {}

std::shared_ptr<HostStream> HostStream::Start(std::shared_ptr<Call> call,
                                              HostStreamListener& listener, Lines lines) {
  std::shared_ptr<HostStream> stream(new HostStream(std::move(call), listener, lines));
  stream->SetHelloAlarm();
  stream->SetExpiryAlarm(stream->host().not_after);
  stream->Read();
  return stream;
}

// RunAfter keeps the stream alive until the alarm has run.
void HostStream::SetHelloAlarm() {
  call_->RunAfter(absl::ToChronoNanoseconds(kHelloTimeout), [this] { OnHelloTime(); });
}

void HostStream::OnHelloTime() {
  {
    absl::MutexLock lock(&mutex_);
    if (greeted_) return;
  }
  End(absl::DeadlineExceededError("the host did not say hello in time"));
}

void HostStream::SetExpiryAlarm(absl::Time certificate_ends) {
  // Looks again after kExpiryLook, because the clock may be set meanwhile.
  const absl::Duration pause = std::min(certificate_ends - absl::Now(), kExpiryLook);
  call_->RunAfter(absl::ToChronoNanoseconds(std::max(pause, absl::ZeroDuration())),
                  [this] { OnExpiry(); });
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
  if (greeted_ && !ended_ && !std::exchange(answered_, true)) call_->SendHeaders();
}

absl::StatusOr<uint64_t> HostStream::Ask(v1::Question question, std::shared_ptr<Inquiry> inquiry) {
  absl::MutexLock lock(&mutex_);
  if (ended_) return absl::UnavailableError(absl::StrCat("host ", host().name, " is offline"));
  // Questions that the host does not read count too, even if nobody waits for their answers any
  // longer.
  if (inquiries_.size() >= kMaxQuestions || questions_.size() >= 4 * kMaxQuestions) {
    return absl::ResourceExhaustedError(absl::StrCat("host ", host().name, " has ", kMaxQuestions,
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
  questions_.push_back(ToWire(message.SerializeAsString()));
  MaybeWrite();
}

void HostStream::End(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (ended_) return;
  ended_ = true;
  call_->Finish(status);
  if (!writing_) return;
  // If the host does not read the message in flight, the status behind it would wait for ever.
  call_->RunAfter(absl::ToChronoNanoseconds(kEndGrace), [this] { call_->Cancel(); });
}

void HostStream::MaybeWrite() {
  if (ended_ || writing_ || !greeted_) return;
  // A push does not wait behind what others ask; at most one is unanswered, so that it delays the
  // small messages by one message only.
  WireMessage next = NextPush();
  if (next == nullptr) next = NextSmallMessage();
  if (next == nullptr) return;
  writing_ = true;
  answered_ = true;
  call_->Send(std::move(next));
}

WireMessage HostStream::NextSmallMessage() {
  // Questions for whose answer nobody waits are still sent, because they are few.
  if (!questions_.empty()) {
    WireMessage question = std::move(questions_.front());
    questions_.pop_front();
    return question;
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
    return nullptr;
  }
  return ToWire(message.SerializeAsString());
}

WireMessage HostStream::NextPush() {
  const Delivery::Push due = delivery_.Due();
  if (due == Delivery::Push::kNone) return nullptr;
  const bool full = due == Delivery::Push::kFull;
  if (!(full ? lines_.trials.Enter(shared_from_this())
             : lines_.numbers.Enter(shared_from_this()))) {
    return nullptr;
  }
  delivery_.Sent();
  on_trial_ = full;
  pushed_revision_ = wanted_->revision;
  pushed_at_ = SteadyCondition::Now();
  listener_.OnPushed();
  return full ? wanted_->full : wanted_->brief;
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

void HostStream::OnSent() {
  absl::MutexLock lock(&mutex_);
  writing_ = false;
  MaybeWrite();
}

void HostStream::Read() {
  Allowance::Clock::duration pause{};
  {
    absl::MutexLock lock(&mutex_);
    pause = messages_.Owe(kMessages, 1, Allowance::Clock::now());
  }
  if (pause == pause.zero()) return ReadNow();
  call_->RunAfter(std::max<Allowance::Clock::duration>(pause, kLeastPause), [this] { ReadNow(); });
}

void HostStream::ReadNow() {
  bool greeted = false;
  {
    absl::MutexLock lock(&mutex_);
    greeted = greeted_;
  }
  call_->Read(greeted ? static_cast<size_t>(kMaxMessageBytes) : kMaxReportBytes);
}

void HostStream::OnEndOfMessages() { End(absl::OkStatus()); }

void HostStream::OnUnreadable(const absl::Status& reason) {
  listener_.OnBadMessage(*this, reason);
  End(reason);
}

void HostStream::OnMessage(std::string message) {
  if (absl::Status status = Take(message); !status.ok()) return OnUnreadable(status);
  {
    absl::MutexLock lock(&mutex_);
    reading_held_ = log_batches_ >= kMaxLogBatches;
    if (reading_held_) return;
  }
  Read();
}

void HostStream::LogTaken(const absl::Status& status, uint64_t epoch, uint64_t next_sequence) {
  if (!status.ok()) {
    listener_.OnBadMessage(*this, status);
    End(status);
    return;
  }
  {
    absl::MutexLock lock(&mutex_);
    --log_batches_;
    if (ended_) return;
    // The newest acknowledgement covers all earlier ones, because batches are taken in order.
    log_acknowledgement_.emplace().set_epoch(epoch);
    log_acknowledgement_->set_next_sequence(next_sequence);
    MaybeWrite();
    if (!std::exchange(reading_held_, false)) return;
  }
  Read();
}

absl::Status HostStream::Take(const std::string& bytes) {
  v1::AgentMessage message;
  if (!message.ParseFromString(bytes)) {
    return absl::InvalidArgumentError("the message cannot be read");
  }
  if (!message.has_answer() && bytes.size() > kMaxReportBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a report of ", bytes.size(), " bytes; the limit is ", kMaxReportBytes));
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
    case v1::AgentMessage::kHello: listener_.OnHello(shared_from_this(), message.hello()); break;
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

void HostStream::OnDone() {
  absl::flat_hash_map<uint64_t, std::shared_ptr<Inquiry>> inquiries;
  bool greeted = false;
  {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
    greeted = greeted_;
    inquiries.swap(inquiries_);
  }
  lines_.trials.Leave(*this);
  lines_.numbers.Leave(*this);
  // The fleet is told first, so that an inquirer who hears that the host is gone, and asks again,
  // learns since when.
  if (greeted) listener_.OnEnd(shared_from_this());
  for (const auto& [id, inquiry] : inquiries) {
    inquiry->OnHostGone(
        absl::UnavailableError(absl::StrCat("host ", host().name, " has gone offline")));
  }
}

}  // namespace firebreak::controller
