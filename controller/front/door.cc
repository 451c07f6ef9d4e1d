// SPDX-License-Identifier: Apache-2.0
#include "controller/front/door.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "controller/front/visitor.h"
#include "controller/identity/peer_address.h"

namespace firebreak::controller {
namespace {

// In a turn, so that those who are connected get theirs. If fewer are taken than come in a flood of
// connections, others wait in the kernel's queue, which knows no fairness. Where descriptors are
// scarce, each door takes few, so that each has strangers who can give way.
constexpr int kAcceptsATurn = 256;
constexpr int kAcceptsOfScarce = 16;
constexpr int kBeginsATurn = 8;
constexpr auto kPause = std::chrono::milliseconds(50);
// Handshakes beyond the limit, for networks that make none. A handshake whose client says nothing
// more costs memory only, and for as long as it lasts it must not keep out other networks.
constexpr size_t kFirstHandshakes = 256;

// Whether descriptors are scarce, by the number of the newest one.
bool AreScarce(int newest) {
  rlimit limit = {};
  return getrlimit(RLIMIT_NOFILE, &limit) != 0 || static_cast<rlim_t>(newest) > limit.rlim_cur / 2;
}

Descriptor Spare() { return Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace

Door::Door(int listener, const Parts& parts, const FrontLimits& limits)
    : listener_(listener),
      parts_(parts),
      limits_(limits),
      loop_(std::make_shared<Loop>()),
      reserve_(Spare()),
      strangers_(limits.strangers, limits.of_network),
      queue_(limits.handshakes, kFirstHandshakes) {
  Watch();
}

Door::~Door() {
  loop_->Stop([this] { CloseAll(); });
}

void Door::CloseAll() {
  Pause();
  for (auto& [id, visitor] : visitors_) visitor->Finish();
  visitors_.clear();
}

void Door::Pause() {
  if (watch_ != 0) loop_->Forget(std::exchange(watch_, 0), listener_);
}

void Door::Watch() {
  // One door is woken for a connection, not all of them.
  watch_ = loop_->Add(listener_, EPOLLIN | EPOLLEXCLUSIVE, this);
}

void Door::OnEvents(uint32_t) {
  int most = kAcceptsOfScarce;
  for (int i = 0; i < most; ++i) {
    sockaddr_storage peer = {};
    socklen_t size = sizeof peer;
    Descriptor socket(accept4(listener_, reinterpret_cast<sockaddr*>(&peer), &size,
                              SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (socket.get() >= 0) {
      if (i == 0 && !AreScarce(socket.get())) most = kAcceptsATurn;
      Accept(std::move(socket), PeerAddress(peer));
    } else if (errno == EMFILE || errno == ENFILE) {
      if (!GiveWay() && !Shed()) return;
    } else if (errno != ECONNABORTED && errno != EINTR) {
      return;
    }
  }
}

void Door::Accept(Descriptor socket, std::string address) {
  if (parts_.is_own(address)) return;
  ++parts_.stats.accepted;
  ++parts_.stats.strangers;
  const Id id = next_++;
  auto made = std::make_unique<Visitor>(*this, id, std::move(socket), std::move(address));
  Visitor& visitor = *visitors_.emplace(id, std::move(made)).first->second;
  const auto gives_way = strangers_.Come(visitor.network(), id);
  if (!visitor.Start()) {
    visitor.Close();
    Remove(visitor.network(), id);
  } else if (gives_way.has_value()) {
    Drop(*gives_way);
  }
}

void Door::Drop(Id id) {
  ++parts_.stats.shed;
  Visitor& visitor = *visitors_.at(id);
  visitor.Close();
  Remove(visitor.network(), id);
}

bool Door::GiveWay() {
  const auto weakest = strangers_.Weakest();
  if (weakest.has_value()) Drop(*weakest);
  return weakest.has_value();
}

bool Door::Shed() {
  reserve_ = Descriptor();
  const bool refused = Descriptor(accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)).get() >= 0;
  reserve_ = Spare();
  if (refused) ++parts_.stats.shed;
  if (reserve_.get() >= 0) return refused;
  // Not even that one: others of this process have taken it.
  Pause();
  loop_->At(loop_->now() + kPause, [this] { Watch(); });
  return false;
}

void Door::CountWaiting(size_t before) {
  parts_.stats.waiting += static_cast<int64_t>(queue_.waiting()) - static_cast<int64_t>(before);
}

void Door::Spoke(const std::string& network, Id id) {
  strangers_.Spoke(network, id);
  const size_t before = queue_.waiting();
  queue_.Wait(network, id);
  CountWaiting(before);
  ServeQueue();
}

void Door::HandshakeOver(const std::string& network, Id id) {
  const size_t before = queue_.waiting();
  queue_.Leave(network, id);
  CountWaiting(before);
  ServeQueue();
}

// Connections that fail at once call this again; and handshakes are not all there is to do.
void Door::ServeQueue() {
  if (std::exchange(serving_, true)) return;
  for (int i = 0; i < kBeginsATurn; ++i) {
    const size_t before = queue_.waiting();
    const auto id = queue_.Next();
    CountWaiting(before);
    if (!id.has_value()) {
      serving_ = false;
      return;
    }
    visitors_.at(*id)->Begin();
  }
  loop_->Post([this] {
    serving_ = false;
    ServeQueue();
  });
}

void Door::Named(const std::string& network, Id id) {
  strangers_.Leave(network, id);
  --parts_.stats.strangers;
  ++parts_.stats.named;
  ++parts_.stats.let_in;
  HandshakeOver(network, id);
}

bool Door::HasRoom(Role role) const {
  const auto administrators = static_cast<size_t>(parts_.stats.administrators.load());
  return parts_.connections.size() < limits_.named &&
         (role != Role::kAdmin || administrators < limits_.administrators);
}

void Door::Remove(const std::string& network, Id id) {
  const size_t before = strangers_.size();
  strangers_.Leave(network, id);
  --(strangers_.size() < before ? parts_.stats.strangers : parts_.stats.named);
  const auto visitor = visitors_.find(id);
  loop_->Discard(std::move(visitor->second));
  visitors_.erase(visitor);
  HandshakeOver(network, id);
}

std::function<void(std::function<void(Visitor&)>)> Door::Reaching(Id id) {
  return [this, loop = loop_, id](std::function<void(Visitor&)> job) {
    loop->Post([this, id, job = std::move(job)] {
      const auto visitor = visitors_.find(id);
      if (visitor != visitors_.end()) job(*visitor->second);
    });
  };
}

}  // namespace firebreak::controller
