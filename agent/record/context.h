#ifndef FIREBREAK_AGENT_RECORD_CONTEXT_H_
#define FIREBREAK_AGENT_RECORD_CONTEXT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "agent/kernel/links/links.h"
#include "firebreak/v1/effective.pb.h"
#include "policy/merge/profile.h"
#include "proto/log/record.h"

namespace firebreak::agent {

// What is to be recorded on this host now, and what a record needs to know of the host. A value
// that does not change: a new one takes its place.
struct RecordContext {
  struct Interface {
    uint32_t index = 0;
    std::string name;
    std::string location;
    policy::Profile profile;                                // points into `policy`
    std::vector<std::pair<LogAddress, uint8_t>> addresses;  // with their family
  };

  bool dropped = false;
  bool connections = false;
  std::string file;
  uint64_t max_bytes = 0;
  std::shared_ptr<const v1::EffectivePolicy> policy;
  std::vector<Interface> interfaces;
};

// `logging` is what holds on the host as a whole; if it names no file, that is `default_file`.
// `location_of` gives the location at which the
// interface of a name is. `policy` is checked already.
RecordContext MakeRecordContext(
    const v1::Logging& logging, const std::string& default_file,
    std::shared_ptr<const v1::EffectivePolicy> policy, std::span<const Link> links,
    const std::function<std::string(const std::string& interface)>& location_of);

// The mapping that decides about a packet, the first that covers it; null: none does. `remote` has
// 4 or 16 bytes.
const v1::Mapping* FindMapping(std::span<const v1::Mapping* const> mappings, uint8_t protocol,
                               uint16_t port, absl::string_view remote);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_CONTEXT_H_
