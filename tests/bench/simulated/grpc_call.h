#ifndef FIREBREAK_TESTS_BENCH_SIMULATED_GRPC_CALL_H_
#define FIREBREAK_TESTS_BENCH_SIMULATED_GRPC_CALL_H_

#include <netinet/in.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tests/bench/simulated/tls_link.h"

namespace firebreak::bench {

// One gRPC call on a TLS connection of its own: as much of HTTP/2 as a client with a single stream
// needs, at a fraction of what gRPC's own client costs, so that one process can be thousands of
// hosts.
class GrpcCall final : private TlsLink::Listener {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // TLS is there, and what was sent until now is on its way.
    virtual void OnAccepted() {}
    // May come any number of times; the call may be given to TurnLoop::Discard in it.
    virtual void OnMessage(std::string_view message) = 0;
    // The peer has answered a Ping.
    virtual void OnPong() {}
    // Once, last.
    virtual void OnEnd(const std::string& why) = 0;
  };

  // `method` is "/firebreak.v1.Fleet/Connect". What is pointed to must outlive the call.
  GrpcCall(TurnLoop& loop, SSL_CTX* context, const sockaddr_in& from, const sockaddr_in& to,
           const Identity* identity, std::string_view method, Listener* listener);

  // `last`: the caller says nothing more.
  void Send(std::string_view message, bool last = false);
  void Ping();
  // The listener is not called any more.
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
  bool last_ = false;     // of what is in outgoing_
  std::string outgoing_;  // framed messages that the windows have not let through
  int64_t peer_initial_;
  int64_t stream_window_;
  int64_t connection_window_;
  std::string frames_;    // to be written
  std::string received_;  // not yet a whole frame
  std::string message_;   // not yet a whole message
  int64_t taken_ = 0;     // of our window
  TlsLink link_;          // last: it calls back
};

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_SIMULATED_GRPC_CALL_H_
