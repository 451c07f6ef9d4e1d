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

// A transaction as the bytes of one datagram, and what each of its messages was about, for errors.
class Batch {
 public:
  // Encodes the operations between NFNL_MSG_BATCH_BEGIN and _END. The kernel refuses the batch
  // with ERESTART if its generation is no longer `generation`, that is if somebody else has changed
  // any table since. The operations, and what they point to, must outlive the batch.
  Batch(const std::vector<ruleset::Operation>& operations, uint32_t generation);

  std::span<const char> bytes() const { return {bytes_.data(), bytes_.size()}; }
  // The sequence number of the message that is acknowledged if the transaction succeeds.
  uint32_t last_sequence() const {
    return kFirstSequence + static_cast<uint32_t>(messages_.size()) - 1;
  }

  // What the message with this sequence number, at this byte offset of it, is about:
  // "element tcp/8080 of map in.elsewhere.ports".
  std::string Describe(uint32_t sequence, std::optional<uint32_t> offset) const;
  // The element that the error is about; null if it is about none.
  const ruleset::Element* FindElement(uint32_t sequence, std::optional<uint32_t> offset) const;
  // The name of the object, chain or set that it is about; empty for others.
  std::string FindName(uint32_t sequence) const;

 private:
  static constexpr uint32_t kFirstSequence = 1;

  struct Message {
    const ruleset::Operation* operation;
    uint32_t first_element;  // of those in the message
    uint32_t elements;
    uint32_t begin;  // bytes into the batch
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
