#include "proto/log/query.h"

#include <arpa/inet.h>

#include <algorithm>
#include <functional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "proto/log/words.h"

namespace firebreak {
namespace {

uint64_t HighBits(int64_t count) {
  return count <= 0 ? 0 : count >= 64 ? ~uint64_t{0} : ~uint64_t{0} << (64 - count);
}

std::optional<LogQuery::Prefix> ReadPrefix(const std::string& text) {
  const size_t slash = text.find('/');
  const std::string plain = text.substr(0, slash);
  char bytes[sizeof(in6_addr)];
  LogQuery::Prefix prefix;
  const bool is_ipv4 = inet_pton(AF_INET, plain.c_str(), bytes) == 1;
  if (!is_ipv4 && inet_pton(AF_INET6, plain.c_str(), bytes) != 1) return std::nullopt;
  ToLogAddress({bytes, is_ipv4 ? size_t{4} : size_t{16}}, prefix.address, prefix.family);
  const int bits = is_ipv4 ? 32 : 128;
  int length = bits;
  if (slash != std::string::npos &&
      (!absl::SimpleAtoi(text.substr(slash + 1), &length) || length < 0 || length > bits)) {
    return std::nullopt;
  }
  prefix.mask = is_ipv4 ? LogAddress{.low = HighBits(length) >> 32}
                        : LogAddress{.high = HighBits(length), .low = HighBits(length - 64)};
  return prefix;
}

bool IsIn(const LogAddress& address, const LogQuery::Prefix& prefix) {
  return ((address.high ^ prefix.address.high) & prefix.mask.high) == 0 &&
         ((address.low ^ prefix.address.low) & prefix.mask.low) == 0;
}

int64_t Micros(const google::protobuf::Timestamp& time) {
  constexpr int64_t kMaxSeconds = 253402300799;
  return std::clamp<int64_t>(time.seconds(), 0, kMaxSeconds) * 1'000'000 +
         std::clamp(time.nanos(), 0, 999'999'999) / 1000;
}

}  // namespace

bool LogQuery::Matches(const Record& record, const Texts& texts) const {
  if ((actions & ActionBit(record.action)) == 0 || record.time_micros < since ||
      record.time_micros >= until) {
    return false;
  }
  if (port.has_value() && ((record.has & Record::kPorts) == 0 ||
                           (record.source_port != *port && record.destination_port != *port))) {
    return false;
  }
  if (address.has_value() &&
      (record.family != address->family ||
       (!IsIn(record.source, *address) && !IsIn(record.destination, *address)))) {
    return false;
  }
  return (policy.empty() || texts[record.policy] == policy) &&
         (reason.empty() || texts[record.reason] == reason);
}

absl::StatusOr<LogQuery> ReadQuery(const v1::LogFilter& filter) {
  LogQuery query;
  query.hosts.insert(filter.hosts().begin(), filter.hosts().end());
  if (!filter.actions().empty()) query.actions = 0;
  for (const std::string& word : filter.actions()) {
    Action action;
    if (!ParseAction(word, action)) {
      return absl::InvalidArgumentError(
          absl::StrCat("no action is called '", word,
                       "'; there are OPEN, OPEN-INBOUND, CLOSE, DROP and INFO-EVENTS-LOST"));
    }
    query.actions |= ActionBit(action);
  }
  if (filter.has_since()) query.since = Micros(filter.since());
  if (filter.has_until()) query.until = Micros(filter.until());
  if (!filter.address().empty()) {
    query.address = ReadPrefix(filter.address());
    if (!query.address.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", filter.address(), "' is not an address or a prefix"));
    }
  }
  if (filter.has_port()) {
    if (filter.port() > std::numeric_limits<uint16_t>::max()) {
      return absl::InvalidArgumentError(absl::StrCat(filter.port(), " is not a port"));
    }
    query.port = static_cast<uint16_t>(filter.port());
  }
  query.policy = filter.policy();
  query.reason = filter.reason();
  return query;
}

}  // namespace firebreak
