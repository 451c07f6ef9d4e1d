// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_SIMULATED_GRPC_CALL_H_
#define FIREBREAK_TESTS_BENCH_SIMULATED_GRPC_CALL_H_

#include <netinet/in.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tests/bench/simulated/tls_link.h"

namespace firebreak::bench {

// One gRPC call on a TLS connection of its own. It implements only the part of HTTP/2 that a client
// with a single stream needs, at a fraction of the cost of gRPC's own client, so that one process
// can simulate thousands of hosts.
class GrpcCall final : private TlsLink::Listener {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // TLS is established, and everything sent so far is on its way.
    virtual void OnAccepted() {}
    // Called any number of times; it may give the call to TurnLoop::Discard.
    virtual void OnMessage(std::string_view message) = 0;
    // The peer has answered a ping.
    virtual void OnPong() {}
    // Called once, as the last of these.
    virtual void OnEnd(const std::string& why) = 0;
  };

  // `method` is for example "/firebreak.v1.Fleet/Connect". Everything pointed to must outlive the
  // call.
  GrpcCall(TurnLoop& loop, SSL_CTX* context, const sockaddr_in& from, const sockaddr_in& to,
           const Identity* identity, std::string_view method, Listener* listener);

  // `last`: the caller sends nothing more.
  void Send(std::string_view message, bool last = false);
  void Ping();
  // The listener is not called after this.
  void Close();

 private:
  void OnOpened() override;
  void OnReceived(std::string_view bytes) override;
  void OnClosed(const std::string& why) override;

  void Frame(uint8_t type, uint8_t flags, uint32_t stream, std::string_view body);
  void OnFrame(uint8_t type, uint8_t flags, uint32_t stream, std::string_view body);
  void OnData(std::string_view body, bool last);
  void OnSettings(std::string_view body);
  void GiveWindow();
  void SendData();
  void Flush();

  Listener* listener_;  // null once closed
  std::string method_;
  bool open_ = false;
  bool last_ = false;     // whether outgoing_ contains the last message
  std::string outgoing_;  // framed messages for which the windows have no room yet
  int64_t peer_initial_;
  int64_t stream_window_;
  int64_t connection_window_;
  std::string frames_;    // frames to be written
  std::string received_;  // received bytes that are not a whole frame yet
  std::string message_;   // received bytes that are not a whole message yet
  int64_t taken_ = 0;     // used bytes of our window
  TlsLink link_;          // last member, because it calls back
};

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_SIMULATED_GRPC_CALL_H_
