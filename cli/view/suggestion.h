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

// The mappings that would admit packets which were seen and not admitted, as a policy of a group.
// Kinds of packets that were seen less often than `least` times, which a scanner's mostly are, are
// left out, and counted.
class Suggestion {
 public:
  Suggestion(std::string group, uint64_t least) : group_(std::move(group)), least_(least) {}

  void Add(const std::string& host, const policy::Witness& packet, int64_t time_micros);

  // The policy alone.
  v1::Resource Policy() const;
  // The policy as YAML, each mapping with what it rests on.
  std::string Text() const;

 private:
  // Direction, protocol, port (of ICMP its type).
  using Kind = std::tuple<policy::Way, uint8_t, uint16_t>;
  struct Seen {
    uint64_t times = 0;
    int64_t last_micros = 0;
    std::set<std::string> hosts;
    std::set<std::string> remotes;  // as bytes
  };

  // Returns the kinds that are suggested, the most frequent first.
  std::vector<const std::pair<const Kind, Seen>*> Told(policy::Way way) const;

  const std::string group_;
  const uint64_t least_;
  std::map<Kind, Seen> seen_;
  uint64_t beyond_ = 0;  // packets of kinds for which there was no room
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_SUGGESTION_H_
