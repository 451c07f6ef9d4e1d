#ifndef FIREBREAK_AGENT_RECORD_DESCRIBE_H_
#define FIREBREAK_AGENT_RECORD_DESCRIBE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "agent/kernel/conntrack/events.h"
#include "agent/kernel/nflog/message.h"
#include "agent/record/context.h"
#include "proto/log/record.h"
#include "proto/log/texts.h"

namespace firebreak::agent {

// Makes records of what the kernel tells. What is the same for all packets of an interface is
// looked up once.
//
// Threading: one thread at a time.
class Describer {
 public:
  Describer();

  // Records made before keep their texts.
  void Use(std::shared_ptr<const RecordContext> context);

  // `counter` becomes the name of the kernel counter that has counted the packet; empty if the
  // prefix is none of ours. It lives until the next Use or ClearTexts.
  Record Describe(const LoggedPacket& packet, int64_t now_micros, const std::string*& counter);

  // None: what never leaves the host is not recorded.
  std::optional<Record> Describe(FlowEvents::Kind kind, const Flow& flow, int64_t now_micros);

  // `counter` or "connections".
  Record DescribeLoss(absl::string_view what, uint64_t lost, int64_t now_micros);

  const Texts& texts() const { return texts_; }
  // When the records that refer to them are gone: others would find no room soon.
  bool WantsClearTexts() const { return texts_.size() > Texts::kMaxTexts / 2; }
  void ClearTexts();

 private:
  struct Place {
    const RecordContext::Interface* interface = nullptr;  // null: not known
    uint16_t name = 0;
    uint16_t location = 0;
    uint16_t policy = 0;           // who set the firewall mode
    uint16_t outbound_policy = 0;  // who set that what no mapping opens is dropped
    bool has_blocks = false;       // a mapping may be why nothing opened the packet its way
  };
  struct Reason {
    std::string counter;
    uint16_t text = 0;
    bool blocked = false;
    bool unsolicited = false;
    bool outbound = false;
  };

  const Place& PlaceOf(uint32_t index);
  const Reason& ReasonOf(absl::string_view prefix);
  const RecordContext::Interface* Owner(const LogAddress& address, uint8_t family) const;
  void SetMapping(const Place& place, bool inbound, Record& record);

  std::shared_ptr<const RecordContext> context_;
  Texts texts_;
  absl::flat_hash_map<uint32_t, std::unique_ptr<Place>> places_;
  absl::flat_hash_map<std::string, std::unique_ptr<Reason>> reasons_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_DESCRIBE_H_
