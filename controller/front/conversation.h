// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_CONVERSATION_H_
#define FIREBREAK_CONTROLLER_FRONT_CONVERSATION_H_

#include <cstdint>
#include <string>

#include "controller/front/loop.h"

namespace firebreak::controller {

// What a member's connection is for once its handshake is done. Its owner watches the sockets and
// calls Pump whenever something has happened to one of them.
//
// Threading: one thread at a time; never waits.
class Conversation {
 public:
  enum class Flow {
    kGoesOn,
    kClientEnded,
    kServerEnded,  // and the client has everything that it said
    kCut,          // the client has gone too far; see why()
  };

  virtual ~Conversation() = default;

  // Carries a portion of what is there; the sockets are then to be watched for what the next
  // functions say. After anything but kGoesOn it is not to be called again.
  virtual Flow Pump(Loop::Clock::time_point now) = 0;

  // For epoll, of the client's socket; 0: not to be watched, not even for its end.
  virtual uint32_t client_events() const = 0;

  // Another socket to be watched, and for what; -1: there is none.
  virtual int server_socket() const { return -1; }
  virtual uint32_t server_events() const { return 0; }

  // Nothing of the client is taken any more; what is said to it goes on for a while.
  virtual void Mute() = 0;

  virtual const std::string& why() const = 0;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_CONVERSATION_H_
