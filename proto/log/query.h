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
#include "proto/log/record.h"
#include "proto/log/texts.h"

namespace firebreak {

// A LogFilter, read and ready to be held against records.
struct LogQuery {
  struct Prefix {
    uint8_t family = 0;
    LogAddress address;
    LogAddress mask;

    // An IPv4 address in IPv6 (::ffff:192.0.2.1) is the IPv4 one, on either side.
    bool Covers(LogAddress address, uint8_t family) const;
  };

  // A LogTerm about what is in the record itself. Only the values of the kind that its field has
  // are set.
  struct Term {
    v1::LogTerm::Field field = v1::LogTerm::FIELD_UNSPECIFIED;
    bool negated = false;
    std::vector<Prefix> prefixes;
    std::vector<uint16_t> numbers;
    std::set<std::string, std::less<>> texts;

    bool Matches(const Record& record, const Texts& texts) const;
  };

  std::set<std::string, std::less<>> hosts;             // empty: all
  std::set<std::string, std::less<>> other_than_hosts;  // none of these
  uint8_t actions = 0xff;                               // a bit for each
  int64_t since = std::numeric_limits<int64_t>::min();  // microseconds
  int64_t until = std::numeric_limits<int64_t>::max();
  std::vector<Term> terms;

  bool WantsHost(absl::string_view host) const {
    return (hosts.empty() || hosts.contains(host)) && !other_than_hosts.contains(host);
  }
  bool Matches(const Record& record, const Texts& texts) const;
};

constexpr uint8_t ActionBit(Action action) {
  return static_cast<uint8_t>(1 << static_cast<uint8_t>(action));
}

// If the address is an IPv4 one in IPv6, makes it that.
void MakeCanonical(LogAddress& address, uint8_t& family);

// InvalidArgument names what cannot be understood, what is empty, and times in the wrong order.
// Terms about groups must be resolved into hosts before: they are refused here.
absl::StatusOr<LogQuery> ReadQuery(const v1::LogFilter& filter);

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_LOG_QUERY_H_
