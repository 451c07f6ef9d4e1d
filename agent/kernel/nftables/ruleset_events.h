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

// What others did to nf_tables.
struct ForeignChanges {
  // To Firebreak's tables: how often, and what, each kind once. Names in it are escaped to ASCII.
  uint32_t transactions = 0;
  std::vector<std::string> changed;  // "rule added to chain input", …; the first kMaxChanged
  // Who made the last of them, as the kernel tells it: escaped to ASCII; 0 and empty if it did not.
  std::string program;
  uint32_t pid = 0;
  // The kernel itself took something of ours away, as it does when an interface goes.
  bool by_kernel = false;
  // Other tables than ours may have changed too.
  bool elsewhere = false;

  static constexpr size_t kMaxChanged = 8;
  friend bool operator==(const ForeignChanges&, const ForeignChanges&) = default;
};

// Puts together the events of transactions, which end each with the new generation.
class ForeignChangesReader {
 public:
  // Events of the socket with the port `own` are ours.
  explicit ForeignChangesReader(uint32_t own) : own_(own) {}

  void Take(const nlmsghdr& message);
  // The kernel dropped events.
  void TakeLoss();

  // The changes so far; what belongs to a transaction whose end has not come is among them, for it
  // is in the kernel already.
  ForeignChanges Finish() &&;

 private:
  void Note(std::string changed);

  const uint32_t own_;
  ForeignChanges changes_;
  bool open_ = false;  // a transaction of another's that touches our tables
};

// Tells when somebody else changes nf_tables.
//
// Threading: one thread at a time. Works in the network namespace in which it was opened.
class RulesetEvents {
 public:
  static absl::StatusOr<RulesetEvents> Open();

  // Readable when anybody has changed anything; then call Drain.
  int descriptor() const { return socket_.descriptor(); }

  // Reads what waits, if need be in several calls: a storm of events must not hold up the answer to
  // its first. Changes made through the socket with the port `own` are left out.
  ForeignChanges Drain(uint32_t own);

  // While it is deaf the kernel makes no events, unless others listen too. An event for each of ten
  // thousand elements takes it ten times as long as the transaction with them. What happened
  // meanwhile is for the caller to find out, after Listen.
  void StopListening();
  absl::Status Listen();

 private:
  explicit RulesetEvents(NetlinkSocket socket) : socket_(std::move(socket)) {}

  NetlinkSocket socket_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_RULESET_EVENTS_H_
