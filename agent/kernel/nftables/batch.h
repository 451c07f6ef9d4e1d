// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_NFTABLES_BATCH_H_
#define FIREBREAK_AGENT_KERNEL_NFTABLES_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "policy/ruleset/difference.h"

namespace firebreak::agent {

// A transaction encoded as one datagram, with a record of what each message is about, to explain
// errors.
class Batch {
 public:
  // Encodes the operations between NFNL_MSG_BATCH_BEGIN and _END. The kernel refuses the batch with
  // ERESTART if its generation is no longer `generation`, that is, if anybody has changed any table
  // since. The operations and everything that they point to must outlive the batch.
  Batch(const std::vector<ruleset::Operation>& operations, uint32_t generation);

  std::span<const char> bytes() const { return {bytes_.data(), bytes_.size()}; }
  // The sequence number of the message that the kernel acknowledges if the transaction succeeds.
  uint32_t last_sequence() const {
    return kFirstSequence + static_cast<uint32_t>(messages_.size()) - 1;
  }

  // Describes the part of the message with this sequence number at this byte offset, for example
  // "element tcp/8080 of map in.elsewhere.ports".
  std::string Describe(uint32_t sequence, std::optional<uint32_t> offset) const;
  // Returns the element at this place, or null if there is no element.
  const ruleset::Element* FindElement(uint32_t sequence, std::optional<uint32_t> offset) const;
  // Returns the name of the object, chain or set that the message is about; empty for other
  // messages.
  std::string FindName(uint32_t sequence) const;

 private:
  static constexpr uint32_t kFirstSequence = 1;

  struct Message {
    const ruleset::Operation* operation;
    uint32_t first_element;  // index of the first element in the message
    uint32_t elements;
    uint32_t begin;  // offset of the message in the batch, in bytes
  };

  const Message* Find(uint32_t sequence) const;
  void Encode(const ruleset::Operation& operation);
  void EncodeElements(const ruleset::Operation& operation);
  void Append(const ruleset::Operation& operation, uint16_t type, uint16_t flags, const auto& fill);
  void AppendControl(uint16_t type, uint32_t sequence, std::optional<uint32_t> generation);
  char* Reserve(size_t bytes);

  std::vector<char> bytes_;
  std::vector<Message> messages_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_BATCH_H_
