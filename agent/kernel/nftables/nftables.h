// SPDX-License-Identifier: Apache-2.0
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

// Payload URLs of the status that reports a refusal by the kernel: the name of the refused chain,
// set or counter, and the key of the refused element.
inline constexpr char kRefusedName[] = "firebreak/refused-name";
inline constexpr char kRefusedKey[] = "firebreak/refused-key";

// Reads and changes Firebreak's tables in the kernel, and touches no others.
class Nftables {
 public:
  // The content of the tables, and the kernel's generation, a number that rises with every
  // transaction, whoever makes it.
  struct State {
    ruleset::Ruleset ruleset;
    uint32_t generation = 0;
  };

  static absl::StatusOr<Nftables> Open();

  // The netlink port of the socket through which changes are made; RulesetEvents needs it.
  uint32_t port() const { return socket_.port(); }

  // Reads a consistent snapshot: nobody changed anything while it was read.
  absl::StatusOr<State> Read();

  absl::StatusOr<uint32_t> ReadGeneration();

  // Performs all operations in one transaction, or none. Aborted: the generation is no longer
  // `generation`, or the kernel's answer was lost; read again. Otherwise the message says which
  // object the kernel refused and why.
  absl::Status Commit(const std::vector<ruleset::Operation>& operations, uint32_t generation);

  // Adds an element to a set of state for a limited time, or removes it, in one transaction each,
  // whatever the generation. Removing an element that is not there succeeds. NotFound: the set does
  // not exist.
  absl::Status PutElement(const StateSet& set, const ruleset::Bytes& key,
                          std::chrono::milliseconds timeout);
  absl::Status DeleteElement(const StateSet& set, const ruleset::Bytes& key);
  absl::Status Flush(const StateSet& set);
  // Returns the elements in no particular order. DataLoss: the set has elements of a kind that
  // Firebreak never adds.
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
