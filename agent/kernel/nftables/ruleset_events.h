// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_NFTABLES_RULESET_EVENTS_H_
#define FIREBREAK_AGENT_KERNEL_NFTABLES_RULESET_EVENTS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/kernel/netlink/socket.h"

struct nlmsghdr;

namespace firebreak::agent {

// Changes that others made to nf_tables.
struct ForeignChanges {
  // Changes to Firebreak's tables: the number of transactions, and what they changed, each kind of
  // change once, with names escaped to ASCII.
  uint32_t transactions = 0;
  std::vector<std::string> changed;  // "rule added to chain input", …; the first kMaxChanged
  // The program that made the last of them, as the kernel reports it, escaped to ASCII; 0 and empty
  // if the kernel did not say.
  std::string program;
  uint32_t pid = 0;
  // The kernel itself removed something from our tables, as it does when an interface goes.
  bool by_kernel = false;
  // Other tables may have changed too.
  bool elsewhere = false;

  static constexpr size_t kMaxChanged = 8;
  friend bool operator==(const ForeignChanges&, const ForeignChanges&) = default;
};

// Groups events by transaction; each transaction ends with the event of its new generation.
class ForeignChangesReader {
 public:
  // Ignores the events of changes made through the socket with the port `own`.
  explicit ForeignChangesReader(uint32_t own) : own_(own) {}

  void Take(const nlmsghdr& message);
  // Must be called when the kernel has dropped events.
  void TakeLoss();

  // Returns the changes so far. They include changes of a transaction whose end has not been seen,
  // because the kernel has already made them.
  ForeignChanges Finish() &&;

 private:
  void Note(std::string changed);

  const uint32_t own_;
  ForeignChanges changes_;
  bool open_ = false;  // a transaction of another program that touches our tables
};

// Reports when somebody else changes nf_tables.
//
// Threading: one thread at a time. Works in the network namespace in which it was opened.
class RulesetEvents {
 public:
  static absl::StatusOr<RulesetEvents> Open();

  // Becomes readable when anybody has changed anything; then call Drain.
  int descriptor() const { return socket_.descriptor(); }

  // Reads the waiting events; a storm of them may need several calls, so that the reaction to the
  // first is not delayed. Leaves out changes made through the socket with the port `own`.
  ForeignChanges Drain(uint32_t own);

  // Stops the kernel from making events, unless others listen too. A transaction with ten thousand
  // elements takes ten times as long if the kernel makes an event for each. The caller must find
  // out what happened meanwhile, after Listen.
  void StopListening();
  absl::Status Listen();

 private:
  explicit RulesetEvents(NetlinkSocket socket) : socket_(std::move(socket)) {}

  NetlinkSocket socket_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_RULESET_EVENTS_H_
