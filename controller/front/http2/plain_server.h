// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_HTTP2_PLAIN_SERVER_H_
#define FIREBREAK_CONTROLLER_FRONT_HTTP2_PLAIN_SERVER_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/descriptor/descriptor.h"
#include "controller/front/http2/echo_methods.h"
#include "controller/front/http2/http2_session.h"

namespace firebreak::controller {

// For tests: serves the methods of MethodsFor on connections in the clear.
class PlainServer final : private Loop::Watcher {
 public:
  PlainServer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size);
    listen(listener_.get(), 100);
    getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    loop_.Add(listener_.get(), EPOLLIN, this);
    loop_.Start();
  }
  ~PlainServer() override {
    loop_.Stop([this] {
      while (!connections_.empty()) Remove(*connections_.begin()->second);
    });
  }

  int port() const { return port_; }
  Seen& seen() { return seen_; }
  size_t received() const { return received_; }
  void SayGoodbye() {
    loop_.Post([this] {
      for (auto& [id, connection] : connections_) {
        connection->session.SayGoodbye();
        connection->Send();
      }
    });
  }

 private:
  struct Connection final : Loop::Watcher {
    Connection(PlainServer& owner, Descriptor end, Http2Session::Setting setting)
        : server(owner), socket(std::move(end)), session(std::move(setting)) {}

    void OnEvents(uint32_t) override {
      std::array<char, 16'384> bytes;
      const ssize_t got = recv(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (got < 0 && errno == EAGAIN) return Send();
      server.received_ += static_cast<size_t>(std::max<ssize_t>(got, 0));
      const bool good = got > 0 && session.Receive({bytes.data(), static_cast<size_t>(got)}).ok();
      if (!good) return server.Remove(*this);
      Send();
    }
    void Send() {
      for (;;) {
        if (unsent.empty() && !session.Produce(unsent, 16'384).ok()) return server.Remove(*this);
        if (unsent.empty()) break;
        const ssize_t done =
            send(socket.get(), unsent.data(), unsent.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (done < 0 && errno != EAGAIN) return server.Remove(*this);
        unsent.erase(0, static_cast<size_t>(std::max<ssize_t>(done, 0)));
        if (!unsent.empty()) break;
      }
      if (unsent.empty() && session.over()) return server.Remove(*this);
      server.loop_.Change(watch, socket.get(), EPOLLIN | (unsent.empty() ? 0u : EPOLLOUT));
    }

    PlainServer& server;
    const Descriptor socket;
    Http2Session session;
    std::string unsent;
    uint64_t id = 0;
    Loop::Watch watch = 0;
  };

  void OnEvents(uint32_t) override {
    Descriptor end(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK));
    if (end.get() < 0) return;
    const uint64_t id = ++last_;
    auto reach = std::make_shared<const Call::Reach>([this, id](auto job) {
      loop_.Post([this, id, job] {
        const auto found = connections_.find(id);
        if (found == connections_.end()) return;
        job(found->second->session);
        found->second->Send();
      });
    });
    auto connection = std::make_unique<Connection>(
        *this, std::move(end),
        Http2Session::Setting{loop_, pool_, methods_, std::make_shared<Caller>(), reach});
    connection->id = id;
    connection->watch = loop_.Add(connection->socket.get(), EPOLLIN, connection.get());
    Connection& added = *connection;
    connections_[id] = std::move(connection);
    added.Send();
  }
  void Remove(Connection& connection) {
    loop_.Forget(connection.watch, connection.socket.get());
    const auto found = connections_.find(connection.id);
    loop_.Discard(std::move(found->second));
    connections_.erase(found);
  }

  Seen seen_;
  const Methods methods_ = MethodsFor(seen_);
  const Descriptor listener_;
  int port_ = 0;
  uint64_t last_ = 0;
  std::atomic<size_t> received_{0};
  std::map<uint64_t, std::unique_ptr<Connection>> connections_;
  Loop loop_;
  CallPool pool_{2};  // whose handlers use the loop
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_HTTP2_PLAIN_SERVER_H_
