// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_SUGGESTION_H_
#define FIREBREAK_CLI_VIEW_SUGGESTION_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "firebreak/v1/resources.pb.h"
#include "policy/difference/witness.h"

namespace firebreak::cli {

// Suggests mappings, as a policy for a group, that would admit packets which were seen in the log
// and are not admitted. Kinds of packets that were seen less often than `least` times, mostly a
// scanner's, are left out and counted.
class Suggestion {
 public:
  Suggestion(std::string group, uint64_t least) : group_(std::move(group)), least_(least) {}

  void Add(const std::string& host, const policy::Witness& packet, int64_t time_micros);

  // Returns the policy only.
  v1::Resource Policy() const;
  // Returns the policy as YAML, with a comment about the packets behind each mapping.
  std::string Text() const;

 private:
  // Direction, protocol, and port (for ICMP the type).
  using Kind = std::tuple<policy::Way, uint8_t, uint16_t>;
  struct Seen {
    uint64_t times = 0;
    int64_t last_micros = 0;
    std::set<std::string> hosts;
    std::set<std::string> remotes;  // as bytes
  };

  // Returns the suggested kinds, the most frequent first.
  std::vector<const std::pair<const Kind, Seen>*> Told(policy::Way way) const;

  const std::string group_;
  const uint64_t least_;
  std::map<Kind, Seen> seen_;
  uint64_t beyond_ = 0;  // packets of kinds for which there was no room
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_SUGGESTION_H_
