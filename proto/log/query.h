#ifndef FIREBREAK_PROTO_LOG_QUERY_H_
#define FIREBREAK_PROTO_LOG_QUERY_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>

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
  };

  std::set<std::string, std::less<>> hosts;             // empty: all
  uint8_t actions = 0xff;                               // a bit for each
  int64_t since = std::numeric_limits<int64_t>::min();  // microseconds
  int64_t until = std::numeric_limits<int64_t>::max();
  std::optional<Prefix> address;
  std::optional<uint16_t> port;
  std::string policy;
  std::string reason;

  bool WantsHost(absl::string_view host) const { return hosts.empty() || hosts.contains(host); }
  bool Matches(const Record& record, const Texts& texts) const;
};

constexpr uint8_t ActionBit(Action action) {
  return static_cast<uint8_t>(1 << static_cast<uint8_t>(action));
}

// InvalidArgument names what cannot be understood.
absl::StatusOr<LogQuery> ReadQuery(const v1::LogFilter& filter);

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_LOG_QUERY_H_
