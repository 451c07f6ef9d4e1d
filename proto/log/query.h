// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_LOG_QUERY_H_
#define FIREBREAK_PROTO_LOG_QUERY_H_

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firebreak/v1/log.pb.h"
#include "proto/log/interned_strings.h"
#include "proto/log/record.h"

namespace firebreak {

// A LogFilter that was parsed, ready to be compared with records.
struct LogQuery {
  struct Prefix {
    uint8_t family = 0;
    LogAddress address;
    LogAddress mask;

    // IPv4-mapped IPv6 addresses (::ffff:192.0.2.1) count as IPv4 addresses on both sides.
    bool Covers(LogAddress address, uint8_t family) const;
  };

  // A LogTerm about a field of the record itself. Only the values of the field's kind are set.
  struct Term {
    v1::LogTerm::Field field = v1::LogTerm::FIELD_UNSPECIFIED;
    bool negated = false;
    std::vector<Prefix> prefixes;
    std::vector<uint16_t> numbers;
    std::set<std::string, std::less<>> texts;

    bool Matches(const Record& record, const InternedStrings& texts) const;
  };

  std::set<std::string, std::less<>> hosts;             // empty: all hosts
  std::set<std::string, std::less<>> other_than_hosts;  // hosts that are excluded
  uint8_t actions = 0xff;                               // one bit for each action
  int64_t since = std::numeric_limits<int64_t>::min();  // microseconds since 1970
  int64_t until = std::numeric_limits<int64_t>::max();
  std::vector<Term> terms;

  bool WantsHost(absl::string_view host) const {
    return (hosts.empty() || hosts.contains(host)) && !other_than_hosts.contains(host);
  }
  bool Matches(const Record& record, const InternedStrings& texts) const;
};

constexpr uint8_t ActionBit(Action action) {
  return static_cast<uint8_t>(1 << static_cast<uint8_t>(action));
}

// Converts an IPv4-mapped IPv6 address to the IPv4 address; leaves other addresses unchanged.
void MakeCanonical(LogAddress& address, uint8_t& family);

// InvalidArgument names a value that cannot be parsed, an empty value, or times in the wrong order.
// Terms about groups are refused: the caller must replace them by hosts before.
absl::StatusOr<LogQuery> ReadQuery(const v1::LogFilter& filter);

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_LOG_QUERY_H_
