// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_RELAY_H_
#define FIREBREAK_CONTROLLER_FRONT_RELAY_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "base/descriptor/descriptor.h"
#include "controller/front/conversation.h"
#include "controller/front/frame_budget.h"
#include "controller/front/tls_end.h"

namespace firebreak::controller {

// Carries HTTP/2 between a client behind TLS and a server at the other end of a plain socket,
// within a budget of frames. In each direction the relay holds the bytes of one read and reads no
// more until these are sent, so a slow end slows the other end down.
//
// Threading: one thread at a time; never waits.
class Relay final : public Conversation {
 public:
  // `plain` does not block. `tls` and `limits` must outlive it.
  Relay(TlsEnd& tls, Descriptor plain, const FrameBudget::Limits& limits,
        FrameBudget::Clock::time_point now);

  Flow Pump(FrameBudget::Clock::time_point now) override;
  uint32_t client_events() const override;
  int server_socket() const override { return plain_.get(); }
  uint32_t server_events() const override;
  void Mute() override { muted_ = true; }
  const std::string& why() const override { return why_; }

 private:
  Flow FromClient(FrameBudget::Clock::time_point now);
  Flow FromServer();
  // What could not be sent at once stays in `rest`. False: the other end has gone.
  bool SendToServer(absl::string_view bytes, std::string& rest);
  bool SendToClient(absl::string_view bytes, std::string& rest);

  TlsEnd& tls_;
  const Descriptor plain_;
  FrameBudget budget_;
  std::string to_server_;
  std::string to_client_;
  bool muted_ = false;
  bool read_waits_to_write_ = false;  // TLS has something of its own to say
  bool server_ended_ = false;
  std::string why_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_RELAY_H_
