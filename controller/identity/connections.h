// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_IDENTITY_CONNECTIONS_H_
#define FIREBREAK_CONTROLLER_IDENTITY_CONNECTIONS_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "controller/front/byte_budget.h"
#include "controller/identity/caller.h"

namespace firebreak::controller {

// The callers of the connections that the front has let in. The front serves hosts itself. For an
// administrator it gives gRPC one end of a pair of sockets. The other end has a random name, which
// gRPC reports as the caller's address and by which Find finds the caller. Nobody else can get a
// connection with such a name to gRPC: no socket of gRPC's listens, each name is used once, and
// Find forgets it when the connection ends.
//
// Thread-safe.
class Connections {
 public:
  // Ends a connection soon. Connections calls it without a lock, on any thread, possibly after the
  // connection has ended. `why` goes into the audit trail unless it is empty.
  using End = std::function<void(const std::string& why)>;

  // The connections that a caller may have at a time. A host has one that lasts, and others for a
  // moment; some that a broken line left behind may still be here.
  static constexpr size_t kOfHost = 16;
  // There is but one name for all administrators.
  static constexpr size_t kOfAdministrator = 512;

  // Adds a connection of `caller` and returns its name. If the caller has too many connections now,
  // this ends the oldest one, as the newest is the one that is surely alive.
  absl::StatusOr<std::string> Add(Caller caller, End end) ABSL_LOCKS_EXCLUDED(mutex_);
  void Remove(const std::string& name) ABSL_LOCKS_EXCLUDED(mutex_);

  // What the caller of this connection, which Add has returned, may send over all its connections.
  std::shared_ptr<ByteBudget> BudgetOf(const std::string& name) const ABSL_LOCKS_EXCLUDED(mutex_);

  // The caller, by what gRPC says of the peer; none: the connection has ended.
  std::optional<Caller> Find(absl::string_view grpc_peer) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends all connections of the caller (Caller::Text).
  void EndAll(const std::string& caller) ABSL_LOCKS_EXCLUDED(mutex_);

  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Connection {
    Caller caller;
    End end;
  };

  struct OfCaller {
    std::vector<std::string> names;  // of its connections, the oldest first
    std::shared_ptr<ByteBudget> budget;
  };

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Connection> connections_ ABSL_GUARDED_BY(mutex_);
  // By Caller::Text.
  absl::flat_hash_map<std::string, OfCaller> by_caller_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_IDENTITY_CONNECTIONS_H_
