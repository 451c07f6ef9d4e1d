// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_RECORD_DESCRIBE_H_
#define FIREBREAK_AGENT_RECORD_DESCRIBE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "agent/kernel/nflog/message.h"
#include "agent/record/connections.h"
#include "agent/record/context.h"
#include "proto/log/interned_strings.h"
#include "proto/log/record.h"

namespace firebreak::agent {

// Makes log records from the kernel's events. Values that are the same for all packets of an
// interface are looked up once.
class Describer {
 public:
  Describer();

  // Records made earlier keep their texts.
  void Use(std::shared_ptr<const RecordContext> context);

  // Sets `counter` to the name of the kernel counter that counted the packet, or to an empty text
  // if the packet's prefix is not one of ours. `counter` stays valid until the next Use or
  // ClearTexts.
  Record Describe(const LoggedPacket& packet, int64_t now_micros, const std::string*& counter);

  // Returns nullopt for a flow that never leaves the host, which is not recorded.
  std::optional<Record> Describe(const FlowNews& news, const Flow& flow, int64_t now_micros);

  // `what` is the name of a counter, or "connections".
  Record DescribeLoss(absl::string_view what, uint64_t lost, int64_t now_micros);
  Record DescribeAttack(bool began, int64_t now_micros);

  const InternedStrings& texts() const { return texts_; }
  // Whether the table of texts is nearly full. The caller then calls ClearTexts once no record
  // refers to the texts.
  bool WantsClearTexts() const { return texts_.size() > InternedStrings::kMaxStrings / 2; }
  void ClearTexts();

 private:
  struct Place {
    const RecordContext::Interface* interface = nullptr;  // null: the interface is not known
    uint16_t name = 0;
    uint16_t location = 0;
    uint16_t policy = 0;  // the policy that set the firewall mode
    // The policy that makes outbound traffic be dropped unless a mapping opens it.
    uint16_t outbound_policy = 0;
    bool has_blocks = false;  // some mapping blocks, and may be why a packet was not opened
  };
  struct Reason {
    std::string counter;
    uint16_t text = 0;
    bool blocked = false;
    bool unsolicited = false;
    bool outbound = false;
    // Set for the records that a mapping itself asks for (`log`): whether it admits, and its names.
    std::optional<bool> mapping_admits = std::nullopt;
    uint16_t mapping = 0;
    uint16_t policy = 0;
  };

  const Place& PlaceOf(uint32_t index);
  bool FillMappingReason(absl::string_view name, Reason& reason);
  const Reason& ReasonOf(absl::string_view prefix);
  const RecordContext::Interface* Owner(const LogAddress& address, uint8_t family) const;
  void SetMapping(const Place& place, bool inbound, Record& record);

  std::shared_ptr<const RecordContext> context_;
  InternedStrings texts_;
  absl::flat_hash_map<uint32_t, std::unique_ptr<Place>> places_;
  absl::flat_hash_map<std::string, std::unique_ptr<Reason>> reasons_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_DESCRIBE_H_
