// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCAL_LOCAL_SERVER_H_
#define FIREBREAK_AGENT_LOCAL_LOCAL_SERVER_H_

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "agent/answer/answerers.h"
#include "agent/local/client.h"
#include "agent/loop/event_loop.h"
#include "base/descriptor/descriptor.h"

namespace firebreak::agent {

// Serves the agent's local socket, for this host's root and, with questions only, for the members
// of a group. Questions and answers are the same as through the controller.
//
// Threading: on the event loop's thread. `loop` and `answerers` must outlive it.
class LocalServer {
 public:
  // At most kMaxOthers of these belong to other users, so that root can always connect, and
  // kMaxOfAUser to one of them, so that each can.
  static constexpr size_t kMaxClients = 32;
  static constexpr size_t kMaxOthers = 16;
  static constexpr size_t kMaxOfAUser = 8;

  struct Options {
    std::string path;
    std::string group;  // empty: only root may connect
  };

  static absl::StatusOr<std::unique_ptr<LocalServer>> Start(const Options& options, EventLoop& loop,
                                                            Answerers& answerers);
  // Removes the socket's file.
  ~LocalServer();
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

 private:
  LocalServer(Descriptor listener, std::string path, std::optional<gid_t> group, EventLoop& loop,
              Answerers& answerers);

  void Accept();
  bool HasRoomFor(const Caller& caller) const;

  const Descriptor listener_;
  const std::string path_;
  const std::optional<gid_t> group_;
  EventLoop& loop_;
  Answerers& answerers_;
  std::map<int, std::unique_ptr<LocalClient>> clients_;  // by descriptor
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCAL_LOCAL_SERVER_H_
