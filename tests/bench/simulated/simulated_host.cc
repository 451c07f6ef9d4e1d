// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/simulated/simulated_host.h"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "base/frame/frame.h"
#include "firebreak/v1/enrolment.pb.h"
#include "proto/endpoint/endpoint.h"
#include "proto/endpoint/enrolment.h"

namespace firebreak::bench {
namespace {

// The delays that the real agent uses: agent/uplink/uplink.cc and agent/revision/step.cc.
constexpr auto kFirstDelay = std::chrono::milliseconds(250);
constexpr auto kLongestDelay = std::chrono::seconds(30);
constexpr auto kAttempt = std::chrono::seconds(5);
constexpr auto kBetweenAttempts = std::chrono::milliseconds(250);
constexpr auto kTrial = std::chrono::seconds(30);
// How long a host needs to apply a policy.
constexpr auto kApplying = std::chrono::milliseconds(10);

std::string SigningRequest(EVP_PKEY* key) {
  const RequestPtr request(X509_REQ_new());
  X509_REQ_set_pubkey(request.get(), key);
  X509_REQ_sign(request.get(), key, EVP_sha256());
  unsigned char* bytes = nullptr;
  const int size = i2d_X509_REQ(request.get(), &bytes);
  std::string der(reinterpret_cast<char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

// Addresses from 127.1.0.1 on, 250 in each /24.
sockaddr_in AddressOf(size_t number) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr =
      htonl(0x7f010000 + static_cast<uint32_t>(number / 250 * 256 + 1 + number % 250));
  return address;
}

void FillFacts(v1::Facts& facts) {
  facts.set_kernel("6.1.0-28-amd64");
  for (const char* name : {"lo", "eth0"}) {
    v1::Interface& interface = *facts.add_interfaces();
    interface.set_name(name);
    interface.set_index(static_cast<uint32_t>(facts.interfaces_size()));
    interface.set_type(interface.index() == 1 ? "loopback" : "ethernet");
    interface.set_up(true);
    interface.add_addresses("192.0.2.10/24");
    interface.add_addresses("2001:db8::10/64");
  }
}

}  // namespace

// Each kind of connection owns its connection and tells the host the result.
class SimulatedHost::Enrolling final : public TlsLink::Listener {
 public:
  Enrolling(SimulatedHost& host, const std::string& token, std::function<void()> done)
      : host_(host), done_(std::move(done)), key_(EVP_EC_gen("P-256")) {
    v1::EnrolRequest request;
    request.set_token(token);
    request.set_name(HostName(host.number_));
    request.set_signing_request(SigningRequest(key_.get()));
    request_ = Frame(request.SerializeAsString());
    link_ = std::make_unique<TlsLink>(host.world_.loop, host.world_.enrolling, host.address_,
                                      host.world_.controller, nullptr, this);
  }

 private:
  void OnOpened() override { link_->Send(request_); }
  void OnReceived(std::string_view bytes) override {
    received_ += bytes;
    const auto message = FirstInFrame(received_, kMaxEnrolAnswerBytes);
    if (message.ok() && !message->has_value()) return;
    v1::EnrolAnswer answer;
    if (message.ok() &&
        answer.ParseFromArray((*message)->data(), static_cast<int>((*message)->size())) &&
        answer.has_enrolled()) {
      host_.identity_ = {std::move(key_), ReadCertificate(answer.enrolled().certificate())};
      host_.score().enrolled = true;
    }
    End();
  }
  void OnClosed(const std::string&) override { End(); }
  void End() {
    const auto done = std::move(done_);
    link_->Close();
    host_.world_.loop.Discard(std::shared_ptr<TlsLink>(std::move(link_)));
    host_.world_.loop.Discard(std::move(host_.enrolling_));
    done();
  }

  SimulatedHost& host_;
  std::function<void()> done_;
  KeyPtr key_;
  std::string request_;
  std::string received_;
  std::unique_ptr<TlsLink> link_;
};

class SimulatedHost::Streaming final : public GrpcCall::Listener {
 public:
  explicit Streaming(SimulatedHost& host)
      : host_(host), call_(host.Call("/firebreak.v1.Fleet/Connect", &host.identity_, this)) {
    v1::AgentMessage message;
    v1::Hello& hello = *message.mutable_hello();
    hello.set_agent_version("simulated");
    FillFacts(*hello.mutable_facts());
    if (host.revision_ != 0) *hello.mutable_receipt() = host.Receipt();
    Send(message);
  }

  void Send(const v1::AgentMessage& message) { call_->Send(message.SerializeAsString()); }
  void Ping() { call_->Ping(); }

 private:
  void OnAccepted() override { call_->Ping(); }
  void OnPong() override { host_.OnServed(); }
  void OnMessage(std::string_view bytes) override {
    v1::ControllerMessage message;
    if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      host_.OnController(message);
    }
  }
  void OnEnd(const std::string&) override {
    host_.Discard(std::move(call_));
    host_.OnStreamEnd();
  }

  SimulatedHost& host_;
  std::shared_ptr<GrpcCall> call_;
};

class SimulatedHost::Reaching final : public GrpcCall::Listener {
 public:
  explicit Reaching(SimulatedHost& host)
      : host_(host), call_(host.Call("/firebreak.v1.Fleet/Reach", &host.identity_, this)) {
    v1::ReachRequest request;
    request.set_revision(host.trial_revision_);
    call_->Send(request.SerializeAsString(), true);
  }

  // Ends the attempt as failed, whatever happens to the call.
  void GiveUp() {
    if (call_ == nullptr) return;
    host_.Discard(std::move(call_));
    host_.OnProof(false);
  }

 private:
  void OnMessage(std::string_view) override { reached_ = true; }
  void OnEnd(const std::string&) override {
    host_.Discard(std::move(call_));
    host_.OnProof(reached_);
  }

  SimulatedHost& host_;
  bool reached_ = false;
  std::shared_ptr<GrpcCall> call_;
};

SimulatedHost::SimulatedHost(const World& world, size_t number)
    : world_(world),
      number_(number),
      address_(AddressOf(number)),
      random_(static_cast<uint32_t>(number + 1)),
      delay_(kFirstDelay) {}

SimulatedHost::~SimulatedHost() = default;

std::shared_ptr<GrpcCall> SimulatedHost::Call(std::string_view method, const Identity* identity,
                                              GrpcCall::Listener* listener) {
  return std::make_shared<GrpcCall>(world_.loop, world_.context, address_, world_.controller,
                                    identity, method, listener);
}

void SimulatedHost::Discard(std::shared_ptr<GrpcCall> call) {
  call->Close();
  world_.loop.Discard(std::move(call));
}

void SimulatedHost::Enrol(const std::string& token, std::function<void()> done) {
  enrolling_ = std::make_unique<Enrolling>(*this, token, std::move(done));
}

void SimulatedHost::Connect() {
  if (!std::exchange(pings_, true)) {
    const std::chrono::milliseconds first(
        std::uniform_int_distribution<int>(0, kKeepaliveMillis)(random_));
    world_.loop.After(first, [this] { PingNowAndThen(); });
  }
  streaming_ = std::make_unique<Streaming>(*this);
}

void SimulatedHost::PingNowAndThen() {
  if (streaming_ != nullptr) streaming_->Ping();
  world_.loop.After(std::chrono::milliseconds(kKeepaliveMillis), [this] { PingNowAndThen(); });
}

void SimulatedHost::OnServed() {
  score().online = true;
  delay_ = kFirstDelay;
}

void SimulatedHost::OnStreamEnd() {
  world_.loop.Discard(std::move(streaming_));
  if (score().online.exchange(false)) ++world_.board.lost;
  const auto half = (delay_ / 2).count();
  const TurnLoop::Clock::duration delay(
      half + std::uniform_int_distribution<int64_t>(0, 2 * half)(random_));
  delay_ = std::min<TurnLoop::Clock::duration>(delay_ * 2, kLongestDelay);
  world_.loop.After(delay, [this] { Connect(); });
}

void SimulatedHost::OnController(const v1::ControllerMessage& message) {
  OnServed();
  if (message.has_question()) return Answer(message.question());
  if (!message.has_push()) return;
  ++world_.board.pushes;
  const v1::Push& push = message.push();
  // If nothing would change in the kernel, there is no trial.
  if (push.policy_digest() == policy_digest_ || !world_.board.reach) {
    trial_revision_ = push.revision();
    trial_digest_ = push.policy_digest();
    return Settle();
  }
  world_.loop.After(kApplying, [this, push] { Take(push); });
}

void SimulatedHost::Answer(const v1::Question& question) {
  v1::AgentMessage message;
  message.mutable_answer()->set_id(question.id());
  message.mutable_answer()->set_last(true);
  message.mutable_answer()->mutable_interfaces();
  Tell(message);
}

void SimulatedHost::Take(const v1::Push& push) {
  trial_revision_ = push.revision();
  trial_digest_ = push.policy_digest();
  trial_ends_ = TurnLoop::Clock::now() + kTrial;
  Prove();
}

void SimulatedHost::Prove() {
  if (trial_revision_ == 0 || reaching_ != nullptr) return;
  ++world_.board.attempts;
  reaching_ = std::make_unique<Reaching>(*this);
  const auto left = std::clamp<TurnLoop::Clock::duration>(
      trial_ends_ - TurnLoop::Clock::now(), TurnLoop::Clock::duration::zero(), kAttempt);
  const uint64_t attempt = ++attempt_;
  world_.loop.After(left, [this, attempt] {
    if (attempt_ == attempt && reaching_ != nullptr) reaching_->GiveUp();
  });
}

void SimulatedHost::OnProof(bool reached) {
  world_.loop.Discard(std::move(reaching_));
  const bool cut_off = trial_revision_ >= world_.board.cuts_off.load() &&
                       trial_revision_ < world_.board.cuts_off_until.load();
  if (reached && !cut_off) return Settle();
  ++world_.board.failed_attempts;
  if (TurnLoop::Clock::now() >= trial_ends_) return Undo();
  world_.loop.After(kBetweenAttempts, [this] { Prove(); });
}

v1::Receipt SimulatedHost::Receipt() const {
  v1::Receipt receipt;
  receipt.set_revision(revision_);
  receipt.set_policy_digest(policy_digest_);
  receipt.set_ruleset_digest(std::string(32, 'r'));
  receipt.set_apply_micros(10'000);
  receipt.set_changes(12);
  v1::InterfaceState& state = *receipt.add_interfaces();
  state.set_name("eth0");
  state.set_location("elsewhere");
  state.set_firewall("on");
  return receipt;
}

void SimulatedHost::Tell(const v1::AgentMessage& message) {
  if (streaming_ != nullptr) streaming_->Send(message);
}

void SimulatedHost::Settle() {
  revision_ = std::exchange(trial_revision_, 0);
  policy_digest_ = trial_digest_;
  v1::AgentMessage message;
  *message.mutable_receipt() = Receipt();
  Tell(message);
  score().revision = revision_;
}

void SimulatedHost::Undo() {
  v1::AgentMessage message;
  v1::Refusal& refusal = *message.mutable_refusal();
  refusal.set_revision(std::exchange(trial_revision_, 0));
  refusal.set_policy_digest(trial_digest_);
  refusal.set_kind(v1::Refusal::undone);
  refusal.set_reason("no new connection to the controller could be opened");
  Tell(message);
  ++score().undone;
}

}  // namespace firebreak::bench
