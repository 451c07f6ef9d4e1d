// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_DOOR_H_
#define FIREBREAK_CONTROLLER_FRONT_DOOR_H_

#include <openssl/ssl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "base/descriptor/descriptor.h"
#include "controller/enrolment/enrolment_desk.h"
#include "controller/front/fair_queue.h"
#include "controller/front/http2/call.h"
#include "controller/front/http2/call_pool.h"
#include "controller/front/limits.h"
#include "controller/front/loop.h"
#include "controller/front/stats.h"
#include "controller/front/strangers.h"
#include "controller/identity/connections.h"
#include "controller/identity/gatekeeper.h"

namespace firebreak::controller {

class Visitor;

// Takes connections from a listening socket and keeps them for as long as they last, on one loop of
// its own. Several doors share a socket: one that is busy leaves it to the others.
//
// A connection is a stranger's until its handshake shows whose it is. The number of strangers is
// bounded (Strangers). So is the number of handshakes at a time, which cost more than anything else
// that a stranger can ask for: networks get them by turns (FairQueue), and a slow handshake is
// ended if other connections wait.
//
// Threading: constructed and destroyed by one thread, all else on the loop's.
class Door final : private Loop::Watcher {
 public:
  // What the doors have in common; all must outlive them.
  struct Parts {
    const Gatekeeper& gatekeeper;
    Connections& connections;
    EnrolmentDesk& desk;
    FrontStats& stats;
    // The present context of MakeFrontContext. Any thread.
    std::function<std::shared_ptr<SSL_CTX>()> context;
    // Gives the server its end of an administrator's connection.
    std::function<void(Descriptor)> serve;
    // What hosts may call, and the threads that serve them.
    const Methods& methods;
    CallPool& pool;
    // Whether the peer is the front itself, which looks whether it accepts. Any thread.
    std::function<bool(const std::string& address)> is_own;
  };

  // `limits` are this door's share, but for `named` and `administrators`, which are of all of them.
  // `listener` does not block, and must outlive the door.
  Door(int listener, const Parts& parts, const FrontLimits& limits);
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;
  // Ends all connections; what the server has said until then is still carried.
  ~Door();

  // To be asked before Start. False: the kernel has no room for it.
  bool ok() const { return loop_->ok() && watch_ != 0; }
  void Start() { loop_->Start(); }

  // For its connections.
  using Id = uint64_t;
  const Parts& parts() const { return parts_; }
  Loop& loop() { return *loop_; }
  // The visitor has sent something and waits for a handshake from now on; see Visitor::Begin.
  void Spoke(const std::string& network, Id id);
  // The visitor's handshake has succeeded or failed.
  void HandshakeOver(const std::string& network, Id id);
  // The visitor has shown that it is a member.
  void Named(const std::string& network, Id id);
  // Whether other visitors wait for a handshake.
  bool others_wait() const { return queue_.waiting() > 0; }
  // Whether one more connection of a member may be let in.
  bool HasRoom(Role role) const;
  // Ends a stranger's connection to free its descriptor. False: there is none.
  bool GiveWay();
  void Remove(const std::string& network, Id id);
  // Returns a function that runs `job` on the loop with the visitor, if the visitor still exists.
  // Any thread may call that function, also after the door is destroyed.
  std::function<void(std::function<void(Visitor&)> job)> Reaching(Id id);

 private:
  void OnEvents(uint32_t events) override;
  void Accept(Descriptor socket, std::string address);
  void Watch();
  void Pause();
  // To make room.
  void Drop(Id id);
  // Takes one off the listener for which there is no descriptor. False: that is not possible, or
  // there is none; the door then pauses if need be.
  bool Shed();
  void ServeQueue();
  void CountWaiting(size_t before);
  void CloseAll();

  const int listener_;
  const Parts parts_;
  const FrontLimits limits_;
  const std::shared_ptr<Loop> loop_;
  Loop::Watch watch_ = 0;
  Descriptor reserve_;  // for Shed
  Id next_ = 1;
  Strangers strangers_;
  FairQueue queue_;
  bool serving_ = false;  // in ServeQueue, or will be
  absl::flat_hash_map<Id, std::unique_ptr<Visitor>> visitors_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_DOOR_H_
