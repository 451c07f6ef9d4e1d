// SPDX-License-Identifier: Apache-2.0
#include "controller/front/visitor.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log/log.h"
#include "controller/front/relay.h"
#include "controller/identity/peer_address.h"

namespace firebreak::controller {

namespace {

constexpr int kLastTurns = 16;
constexpr int kMostGiveWay = 8;

}  // namespace

Visitor::Visitor(Door& door, Door::Id id, Descriptor socket, std::string address)
    : door_(door),
      id_(id),
      socket_(std::move(socket)),
      address_(std::move(address)),
      network_(NetworkOf(address_)) {}

Visitor::~Visitor() = default;

bool Visitor::Start() {
  SetTime(kSilence);
  Watch(client_, socket_.get(), EPOLLIN | EPOLLRDHUP);
  return client_.watch != 0;
}

void Visitor::Watch(Side& side, int descriptor, uint32_t events) {
  if (std::exchange(side.events, events) == events) return;
  Loop& loop = door_.loop();
  if (events == 0) {
    loop.Forget(std::exchange(side.watch, 0), descriptor);
  } else if (side.watch == 0) {
    side.watch = loop.Add(descriptor, events, &side);
  } else {
    loop.Change(side.watch, descriptor, events);
  }
}

void Visitor::SetTime(Loop::Clock::duration from_now) { SetTimeAt(door_.loop().now() + from_now); }

void Visitor::SetTimeAt(Loop::Clock::time_point time) {
  ClearTime();
  timer_ = door_.loop().At(time, [this] {
    timer_.reset();
    OnTime();
  });
}

void Visitor::ClearTime() {
  if (timer_.has_value()) door_.loop().Cancel(*std::exchange(timer_, std::nullopt));
}

void Visitor::OnEvents(Side& side, uint32_t events) {
  if (tls_ != nullptr && &side == &client_) tls_->BeginTurn();
  switch (stage_) {
    case Stage::kSilent: return OnFirstWords();
    // It has gone before its turn: nothing else is asked for.
    case Stage::kWaiting: return Gone();
    case Stage::kHandshake: return StepHandshake();
    case Stage::kEnrolling:
      if ((events & (EPOLLHUP | EPOLLERR)) != 0) return Gone();
      return StepEnrolling();
    case Stage::kServing: return Carry();
    case Stage::kLeaving: return Drain();
  }
}

void Visitor::OnTime() {
  switch (stage_) {
    case Stage::kHandshake: {
      // If the client has answered, this machine is the slow one.
      if (HasMore()) return SetTime(kSlow);
      const auto lasts = door_.loop().now() - began_;
      if (lasts < kHandshake && !door_.others_wait()) return SetTime(kHandshake - lasts);
      ++door_.parts().stats.late;
      return Gone();
    }
    case Stage::kServing:
      if (ending_) return Leave();  // its farewell is over
      return LookAfterHost();
    case Stage::kLeaving: return Gone();
    default: ++door_.parts().stats.late; return Gone();
  }
}

bool Visitor::HasMore() const {
  char first = 0;
  return recv(socket_.get(), &first, sizeof first, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void Visitor::OnFirstWords() {
  if (!HasMore()) return Gone();
  stage_ = Stage::kWaiting;
  SetTime(kWaiting);
  Watch(client_, socket_.get(), EPOLLRDHUP);
  door_.Spoke(network_, id_);
}

void Visitor::Begin() {
  stage_ = Stage::kHandshake;
  began_ = door_.loop().now();
  SetTime(kSlow);
  tls_ = std::make_unique<TlsEnd>(door_.parts().context().get(), socket_.get(),
                                  door_.parts().gatekeeper);
  tls_->BeginTurn();
  StepHandshake();
}

void Visitor::StepHandshake() {
  switch (tls_->Handshake()) {
    case TlsEnd::Progress::kWaitsToRead: return Watch(client_, socket_.get(), EPOLLIN);
    case TlsEnd::Progress::kWaitsToWrite: return Watch(client_, socket_.get(), EPOLLOUT);
    case TlsEnd::Progress::kEnded: return HandshakeFailed();
    case TlsEnd::Progress::kDone: return HandshakeDone();
  }
}

void Visitor::HandshakeFailed() {
  const auto& verdict = tls_->verdict();
  if (verdict.has_value() && verdict->standing != Standing::kMember) {
    ++door_.parts().stats.refused;
    door_.parts().gatekeeper.RefusedConnection(*verdict, address_);
  }
  Leave();
}

void Visitor::HandshakeDone() {
  if (!tls_->enrols()) return LetIn();
  door_.HandshakeOver(network_, id_);
  stage_ = Stage::kEnrolling;
  SetTime(kEnrolment);
  enrolling_ = std::make_unique<Enrolling>(*tls_);
  StepEnrolling();
}

std::string Visitor::Actor() const { return tls_->verdict()->caller->Text(); }

void Visitor::LetIn() {
  const Door::Parts& parts = door_.parts();
  Gatekeeper::Verdict verdict = *tls_->verdict();
  // Between its certificate and now it may have become another's.
  if (absl::Status status = parts.gatekeeper.LetIn(*verdict.caller); !status.ok()) {
    verdict.reason = std::string(status.message());
    parts.gatekeeper.RefusedConnection(verdict, address_);
    return Leave();
  }
  if (!door_.HasRoom(verdict.caller->role)) {
    parts.gatekeeper.Refused(
        address_, Actor(), "connect", "",
        absl::ResourceExhaustedError("as many connections as the controller has descriptors for: "
                                     "raise its LimitNOFILE"));
    return Leave();
  }
  Caller caller = *verdict.caller;
  caller.address = address_;
  const auto reach = door_.Reaching(id_);
  const auto name = parts.connections.Add(caller, [reach](const std::string& why) {
    reach([why](Visitor& visitor) { visitor.End(why); });
  });
  if (!name.ok()) return Leave();
  name_ = *name;
  ClearTime();
  door_.Named(network_, id_);
  if (caller.role == Role::kHost) {
    Serve(std::move(caller));
  } else {
    BeginRelay();
  }
}

void Visitor::Serve(Caller caller) {
  const Door::Parts& parts = door_.parts();
  auto made = std::make_unique<HostConnection>(
      *tls_,
      Http2Session::Setting{
          .loop = door_.loop(),
          .pool = parts.pool,
          .methods = parts.methods,
          .caller = std::make_shared<const Caller>(std::move(caller)),
          .reach = std::make_shared<const Call::Reach>(
              [reach = door_.Reaching(id_)](std::function<void(Http2Session&)> job) {
                reach([job = std::move(job)](Visitor& visitor) { visitor.Work(job); });
              })},
      parts.connections.BudgetOf(name_), door_.loop().now());
  host_ = made.get();
  conversation_ = std::move(made);
  stage_ = Stage::kServing;
  SetTimeAt(host_->NextLook(door_.loop().now()));
  Carry();
}

void Visitor::LookAfterHost() {
  const auto now = door_.loop().now();
  const bool more = host_->Look(now);
  SetTimeAt(host_->NextLook(now));
  if (more) Carry();
}

void Visitor::Work(const std::function<void(Http2Session&)>& job) {
  if (host_ == nullptr) return;
  job(host_->session());
  After(host_->Send(door_.loop().now()));
}

void Visitor::BeginRelay() {
  std::optional<Descriptor> plain = MakePlain(name_);
  if (!plain.has_value()) return Leave();
  stage_ = Stage::kServing;
  ++door_.parts().stats.administrators;
  conversation_ = std::make_unique<Relay>(*tls_, *std::move(plain), FrameBudget::kAdministrator,
                                          door_.loop().now());
  Carry();
}

std::optional<Descriptor> Visitor::MakePlain(const std::string& name) {
  int pair[2] = {-1, -1};
  const auto make = [&] {
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0;
  };
  bool made = make();
  // Each stranger who goes frees one of the two descriptors, which others may take meanwhile.
  for (int i = 0; i < kMostGiveWay && !made && door_.GiveWay(); ++i) made = make();
  if (!made) {
    LogError("no descriptors for the connection of ", Actor(), ": ", strerror(errno));
    return std::nullopt;
  }
  Descriptor near(pair[0]);
  Descriptor far(pair[1]);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  // An abstract name begins with a zero.
  name.copy(address.sun_path + 1, sizeof address.sun_path - 1);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (bind(near.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    LogError("name the connection of ", Actor(), ": ", strerror(errno));
    return std::nullopt;
  }
  door_.parts().serve(std::move(far));
  return near;
}

void Visitor::Carry() { After(conversation_->Pump(door_.loop().now())); }

void Visitor::After(Conversation::Flow flow) {
  switch (flow) {
    case Conversation::Flow::kGoesOn:
      Watch(client_, socket_.get(), conversation_->client_events());
      Watch(server_, conversation_->server_socket(), conversation_->server_events());
      if (host_ != nullptr && host_->paused_until().has_value()) SetTimeAt(*host_->paused_until());
      return;
    case Conversation::Flow::kClientEnded: return Gone();
    case Conversation::Flow::kServerEnded: tls_->SayGoodbye(); return Leave();
    case Conversation::Flow::kCut:
      ++door_.parts().stats.cut;
      door_.parts().gatekeeper.Refused(
          address_, Actor(), "connection", "",
          absl::ResourceExhaustedError(absl::StrCat("cut off: ", conversation_->why())));
      return Leave();
  }
}

void Visitor::End(const std::string& why) {
  if (stage_ != Stage::kServing || std::exchange(ending_, true)) return;
  if (!why.empty()) {
    ++door_.parts().stats.cut;
    door_.parts().gatekeeper.Refused(address_, Actor(), "connection", "",
                                     absl::ResourceExhaustedError(why));
  }
  conversation_->Mute();
  SetTime(kFarewell);
  Carry();
}

void Visitor::StepEnrolling() {
  switch (enrolling_->Step()) {
    case Enrolling::Progress::kWaitsToRead: return Watch(client_, socket_.get(), EPOLLIN);
    case Enrolling::Progress::kWaitsToWrite: return Watch(client_, socket_.get(), EPOLLOUT);
    case Enrolling::Progress::kEnded: return Gone();
    case Enrolling::Progress::kDone: return Leave();
    case Enrolling::Progress::kAsked: break;
  }
  ++door_.parts().stats.enrolments;
  SetTime(kAnswering);
  Watch(client_, socket_.get(), EPOLLRDHUP);
  const auto& verdict = tls_->verdict();
  const auto reach = door_.Reaching(id_);
  door_.parts().desk.Enrol(enrolling_->TakeRequest(),
                           verdict.has_value() ? verdict->caller : std::nullopt, address_,
                           [reach](const v1::EnrolAnswer& answer) {
                             reach([answer](Visitor& visitor) { visitor.Answer(answer); });
                           });
}

void Visitor::Answer(const v1::EnrolAnswer& answer) {
  if (stage_ != Stage::kEnrolling) return;
  SetTime(kEnrolment);
  tls_->BeginTurn();
  switch (enrolling_->Answer(answer)) {
    case Enrolling::Progress::kWaitsToRead:
    case Enrolling::Progress::kWaitsToWrite: return Watch(client_, socket_.get(), EPOLLOUT);
    case Enrolling::Progress::kDone: return Leave();
    default: return Gone();
  }
}

void Visitor::EndConversation() {
  if (conversation_ == nullptr) return;
  if (host_ == nullptr) --door_.parts().stats.administrators;
  Watch(server_, conversation_->server_socket(), 0);
  host_ = nullptr;
  conversation_.reset();
}

void Visitor::Leave() {
  EndConversation();
  if (!name_.empty()) door_.parts().connections.Remove(std::exchange(name_, ""));
  door_.HandshakeOver(network_, id_);
  enrolling_.reset();
  tls_.reset();
  stage_ = Stage::kLeaving;
  SetTime(kLeaving);
  shutdown(socket_.get(), SHUT_WR);
  Watch(client_, socket_.get(), EPOLLIN);
  Drain();
}

void Visitor::Drain() {
  char bytes[4096];
  while (drained_ < kReadWhileLeaving) {
    const ssize_t got = recv(socket_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) break;
    drained_ += static_cast<size_t>(got);
  }
  Gone();
}

void Visitor::Gone() {
  Close();
  door_.Remove(network_, id_);
}

void Visitor::Finish() {
  if (conversation_ != nullptr) {
    conversation_->Mute();
    for (int i = 0; i < kLastTurns; ++i) {
      if (conversation_->Pump(door_.loop().now()) != Conversation::Flow::kGoesOn) break;
    }
  }
  Close();
}

void Visitor::Close() {
  ClearTime();
  if (!name_.empty()) door_.parts().connections.Remove(std::exchange(name_, ""));
  EndConversation();
  if (tls_ != nullptr && stage_ != Stage::kHandshake) tls_->SayGoodbye();
  enrolling_.reset();
  tls_.reset();
  Watch(client_, socket_.get(), 0);
  socket_ = Descriptor();
}

}  // namespace firebreak::controller
