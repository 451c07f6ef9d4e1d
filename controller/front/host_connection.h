// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_HOST_CONNECTION_H_
#define FIREBREAK_CONTROLLER_FRONT_HOST_CONNECTION_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "controller/front/byte_budget.h"
#include "controller/front/conversation.h"
#include "controller/front/frame_budget.h"
#include "controller/front/http2/http2_session.h"
#include "controller/front/tls_end.h"

namespace firebreak::controller {

// A host's connection, whose calls are served in this process: an Http2Session behind TLS, within a
// budget of frames. While the client does not take what it is sent, nothing more is read from it,
// so that it cannot make answers pile up. Who sends more bytes than a host may is read from later.
//
// Threading: the loop's thread; never waits.
class HostConnection final : public Conversation {
 public:
  // How long a new connection may take until it speaks HTTP/2.
  static constexpr auto kFirstWords = std::chrono::seconds(10);
  // How long a connection may be without a call.
  static constexpr auto kIdle = std::chrono::seconds(300);

  // `tls` must outlive it, and what `setting` refers to.
  HostConnection(TlsEnd& tls, Http2Session::Setting setting, std::shared_ptr<ByteBudget> bytes,
                 Loop::Clock::time_point now);

  Flow Pump(Loop::Clock::time_point now) override;
  // Like Pump, but only sends.
  Flow Send(Loop::Clock::time_point now);
  uint32_t client_events() const override;
  void Mute() override;
  const std::string& why() const override { return why_; }

  // Looks whether the client is still there: pings a silent one, and gives up one that stays
  // silent. True: Pump is to be called next. Nothing is to be done for most clients, as they ping
  // the controller themselves.
  bool Look(Loop::Clock::time_point now);
  // When to look the next time: on a whole second, so that one waking serves many connections.
  Loop::Clock::time_point NextLook(Loop::Clock::time_point now) const;

  // If nothing is read until some time, because the client has sent too much: that time, at which
  // Pump is to be called.
  std::optional<Loop::Clock::time_point> paused_until() const { return paused_until_; }

  // For calls: whoever makes it say something calls Send next.
  Http2Session& session() { return session_; }

 private:
  Flow Cut(const absl::Status& status);

  TlsEnd& tls_;
  FrameBudget budget_;
  const std::shared_ptr<ByteBudget> bytes_;
  std::optional<Loop::Clock::time_point> paused_until_;
  Http2Session session_;
  std::string unsent_;
  bool has_more_ = false;  // to send, besides `unsent_`
  bool muted_ = false;
  bool read_waits_to_write_ = false;  // TLS has something of its own to say
  bool spoke_ = false;
  bool gone_ = false;
  Loop::Clock::time_point moved_;   // when bytes came, or room for bytes that had waited
  Loop::Clock::time_point in_use_;  // when there was a call
  std::string why_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_HOST_CONNECTION_H_
