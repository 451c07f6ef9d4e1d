// SPDX-License-Identifier: Apache-2.0
#include "agent/local/local_server.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/local/listening_socket.h"
#include "agent/local/peer.h"
#include "base/frame/frame.h"
#include "base/log/log.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

// Sends an answer with number 0, which answers whatever the client is going to ask.
void SayNo(int socket, const absl::Status& why) {
  v1::Answer answer;
  answer.set_last(true);
  answer.set_error(std::string(why.message()));
  const std::string frame = Frame(answer.SerializeAsString());
  // A new connection has room for the frame; if not, the peer just sees the connection end.
  send(socket, frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace

absl::StatusOr<std::unique_ptr<LocalServer>> LocalServer::Start(const Options& options,
                                                                EventLoop& loop,
                                                                Answerers& answerers) {
  std::optional<gid_t> group;
  if (!options.group.empty()) {
    ASSIGN_OR_RETURN(gid_t found, FindGroup(options.group));
    group = found;
  }
  ASSIGN_OR_RETURN(Descriptor listener, ListenAt(options.path, group));
  return std::unique_ptr<LocalServer>(
      new LocalServer(std::move(listener), options.path, group, loop, answerers));
}

LocalServer::LocalServer(Descriptor listener, std::string path, std::optional<gid_t> group,
                         EventLoop& loop, Answerers& answerers)
    : listener_(std::move(listener)),
      path_(std::move(path)),
      group_(group),
      loop_(loop),
      answerers_(answerers) {
  loop_.Watch(listener_.get(), [this] { Accept(); });
}

LocalServer::~LocalServer() {
  loop_.Unwatch(listener_.get());
  unlink(path_.c_str());
}

bool LocalServer::HasRoomFor(const Caller& caller) const {
  if (clients_.size() >= kMaxClients) return false;
  if (caller.may_act) return true;
  size_t others = 0, of_user = 0;
  for (const auto& [number, client] : clients_) {
    if (client->caller().may_act) continue;
    ++others;
    of_user += client->caller().user == caller.user ? 1 : 0;
  }
  return others < kMaxOthers && of_user < kMaxOfAUser;
}

void LocalServer::Accept() {
  Descriptor socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (socket.get() < 0) {
    if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return;
    // There are no descriptors left, so the connection waits, and the loop ignores the listener
    // meanwhile.
    LogError(absl::ErrnoToStatus(errno, "accept on the local socket").message());
    loop_.Unwatch(listener_.get());
    loop_.RunAfter(std::chrono::seconds(1),
                   [this] { loop_.Watch(listener_.get(), [this] { Accept(); }); });
    return;
  }
  const absl::StatusOr<Caller> caller = IdentifyPeer(socket.get(), group_);
  if (!caller.ok()) return SayNo(socket.get(), caller.status());
  if (!HasRoomFor(*caller)) {
    return SayNo(socket.get(), absl::ResourceExhaustedError(
                                   "too many connections to the agent's socket; try again later"));
  }
  const int number = socket.get();
  clients_.emplace(number,
                   std::make_unique<LocalClient>(std::move(socket), *caller, loop_, answerers_,
                                                 [this, number] { clients_.erase(number); }));
}

}  // namespace firebreak::agent
