// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_RECORD_CONTEXT_H_
#define FIREBREAK_AGENT_RECORD_CONTEXT_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "agent/kernel/links/links.h"
#include "agent/location/interface_locations.h"
#include "firebreak/v1/effective.pb.h"
#include "policy/merge/profile.h"
#include "proto/log/record.h"

namespace firebreak::agent {

// The settings for recording on this host, and the facts about the host that a record needs.
// Immutable: a change makes a new context.
struct RecordContext {
  struct Interface {
    uint32_t index = 0;
    std::string name;
    std::string location;
    policy::Profile profile;  // points into `policy`
    // The host's addresses, each with its family.
    std::vector<std::pair<LogAddress, uint8_t>> addresses;
  };

  bool dropped = false;
  bool connections = false;
  bool mappings = false;  // whether any mapping has a log
  std::string file;
  uint64_t max_bytes = 0;
  std::shared_ptr<const v1::EffectivePolicy> policy;
  std::vector<Interface> interfaces;

  bool WantsAny() const { return dropped || connections || mappings; }
};

// `logging` holds the settings that apply to the whole host; if it names no file, the log goes to
// `default_file`. `policy` must have been checked.
RecordContext MakeRecordContext(const v1::Logging& logging, const std::string& default_file,
                                std::shared_ptr<const v1::EffectivePolicy> policy,
                                std::span<const Link> links, const InterfaceLocations& locations);

// Returns the mapping that decides about the packet of a record: the first that covers the packet,
// or null if none does. Addresses have 4 or 16 bytes. A mapping that decides only about some
// packets, for example because it has a limit, counts only if its action is the record's.
const v1::Mapping* FindMapping(std::span<const v1::Mapping* const> mappings, const Record& record,
                               absl::string_view remote, absl::string_view local);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_CONTEXT_H_
