// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_VISITOR_H_
#define FIREBREAK_CONTROLLER_FRONT_VISITOR_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/descriptor/descriptor.h"
#include "controller/front/conversation.h"
#include "controller/front/door.h"
#include "controller/front/enrolling.h"
#include "controller/front/host_connection.h"
#include "controller/front/loop.h"
#include "controller/front/tls_end.h"

namespace firebreak::controller {

// One connection from the moment that it is accepted:
//
//   silent ─▶ waiting ─▶ handshake ─┬▶ serving   a host's: HTTP/2, served here
//                                   ├▶ serving   an administrator's: HTTP/2, carried to the server
//                                   ├▶ enrolling
//                                   └▶ leaving   refused
//
// Each stage except serving has a time limit. Before the socket of a refused client is closed, the
// visitor reads what the client has sent: bytes that are not read would make the kernel send a
// reset, and the client would not see the alert.
//
// Threading: the door's loop. A visitor calls Door::Remove when its connection is over.
class Visitor {
 public:
  static constexpr auto kSilence = std::chrono::seconds(5);
  // Clients give up sooner, which the visitor sees. A shorter limit would make thousands that wait
  // expire together, and come back together.
  static constexpr auto kWaiting = std::chrono::seconds(60);
  static constexpr auto kHandshake = std::chrono::seconds(10);
  static constexpr auto kSlow = std::chrono::seconds(2);  // while others wait
  static constexpr auto kEnrolment = std::chrono::seconds(5);
  static constexpr auto kAnswering = std::chrono::seconds(60);
  static constexpr auto kLeaving = std::chrono::seconds(2);
  static constexpr size_t kReadWhileLeaving = 256 << 10;
  // For what the server still has to say to a host that is thrown out.
  static constexpr auto kFarewell = std::chrono::milliseconds(250);

  // `socket` does not block. `door` must outlive it.
  Visitor(Door& door, Door::Id id, Descriptor socket, std::string address);
  Visitor(const Visitor&) = delete;
  Visitor& operator=(const Visitor&) = delete;
  ~Visitor();

  // False: the kernel has no memory to watch the socket.
  bool Start();

  // Begins the handshake: the visitor has got a place in the queue.
  void Begin();

  // Ends a member's connection; `why` goes into the audit trail unless it is empty.
  void End(const std::string& why);

  // Sends the answer to the client's enrolment.
  void Answer(const v1::EnrolAnswer& answer);

  // Runs `job` with the session of a host's connection, and sends what it says.
  void Work(const std::function<void(Http2Session&)>& job);

  // Closes the socket at once. The caller calls Door::Remove.
  void Close();
  // Carries what the server has sent until now to the client, then does the same as Close.
  void Finish();

  const std::string& network() const { return network_; }

 private:
  enum class Stage { kSilent, kWaiting, kHandshake, kEnrolling, kServing, kLeaving };
  // The client's socket or the server's, with what the loop watches it for.
  struct Side final : Loop::Watcher {
    explicit Side(Visitor& owner) : owner(owner) {}
    void OnEvents(uint32_t events) override { owner.OnEvents(*this, events); }
    Visitor& owner;
    Loop::Watch watch = 0;
    uint32_t events = 0;
  };

  void OnEvents(Side& side, uint32_t events);
  void OnTime();
  // Whether the client has sent bytes that are not read yet.
  bool HasMore() const;
  void OnFirstWords();
  void StepHandshake();
  void HandshakeDone();
  void HandshakeFailed();
  // The client has shown that it is a member.
  void LetIn();
  void Serve(Caller caller);
  void LookAfterHost();
  void BeginRelay();
  // The server's end of the relay, named `name`; none: no descriptors.
  std::optional<Descriptor> MakePlain(const std::string& name);
  void Carry();
  void After(Conversation::Flow flow);
  void StepEnrolling();
  void EndConversation();
  void Leave();
  void Drain();
  void Gone();
  // Watches the socket for `events`; 0: not at all.
  void Watch(Side& side, int descriptor, uint32_t events);
  void SetTime(Loop::Clock::duration from_now);
  void SetTimeAt(Loop::Clock::time_point time);
  void ClearTime();
  std::string Actor() const;

  Door& door_;
  const Door::Id id_;
  Descriptor socket_;
  const std::string address_;
  const std::string network_;
  Stage stage_ = Stage::kSilent;
  Loop::Clock::time_point began_;  // its handshake
  Side client_{*this};
  Side server_{*this};
  std::optional<Loop::Timer> timer_;
  std::unique_ptr<TlsEnd> tls_;
  std::unique_ptr<Conversation> conversation_;
  HostConnection* host_ = nullptr;  // conversation_, if it is a host's
  std::unique_ptr<Enrolling> enrolling_;
  std::string name_;  // in Connections
  bool ending_ = false;
  size_t drained_ = 0;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_VISITOR_H_
