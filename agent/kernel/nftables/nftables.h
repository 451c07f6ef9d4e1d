#ifndef FIREBREAK_AGENT_KERNEL_NFTABLES_NFTABLES_H_
#define FIREBREAK_AGENT_KERNEL_NFTABLES_NFTABLES_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/kernel/netlink/socket.h"
#include "agent/kernel/nftables/timed_elements.h"
#include "policy/ruleset/difference.h"
#include "policy/ruleset/ruleset.h"

namespace firebreak::agent {

// Payloads of the status with which the kernel's refusal is reported: the name of the chain, set or
// counter that it refused, and the key of the element.
inline constexpr char kRefusedName[] = "firebreak/refused-name";
inline constexpr char kRefusedKey[] = "firebreak/refused-key";

// Firebreak's table in the kernel: reads it and changes it, touches no other.
//
// Threading: one thread at a time. Works in the network namespace in which it was opened.
class Nftables {
 public:
  // What the kernel has, and its generation: the number that every transaction of anybody raises.
  struct State {
    ruleset::Ruleset ruleset;
    uint32_t generation = 0;
  };

  static absl::StatusOr<Nftables> Open();

  // The netlink port of the socket that changes are made through: see RulesetEvents.
  uint32_t port() const { return socket_.port(); }

  // A consistent snapshot: nobody changed anything while it was read.
  absl::StatusOr<State> Read();

  absl::StatusOr<uint32_t> ReadGeneration();

  // All of the operations in one transaction, or none.
  // Aborted: the generation is no longer `generation`, or the kernel's answer was lost; read again.
  // Otherwise the message says which object the kernel refused and why.
  absl::Status Commit(const std::vector<ruleset::Operation>& operations, uint32_t generation);

  // Puts an element into a set of state for that long, or takes it out, each in one transaction
  // whatever the generation. To take out what is not there is done already. NotFound: no such set.
  absl::Status PutElement(const StateSet& set, const ruleset::Bytes& key,
                          std::chrono::milliseconds timeout);
  absl::Status DeleteElement(const StateSet& set, const ruleset::Bytes& key);
  absl::Status Flush(const StateSet& set);
  // In no order. DataLoss: it has elements of a kind that nobody of ours puts there.
  absl::StatusOr<std::vector<TimedElement>> ReadElements(const StateSet& set);

 private:
  explicit Nftables(NetlinkSocket socket) : socket_(std::move(socket)) {}

  absl::StatusOr<ruleset::Ruleset> ReadTables();
  absl::Status CommitSmall(std::span<const char> batch, const char* operation, const StateSet& set);
  absl::Status ReadTable(uint8_t family, ruleset::Table& table);
  absl::Status DumpElements(const StateSet& set, const std::function<void(const nlmsghdr&)>& each);

  NetlinkSocket socket_;
  uint32_t sequence_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_NFTABLES_H_
