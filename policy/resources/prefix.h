#ifndef FIREBREAK_POLICY_RESOURCES_PREFIX_H_
#define FIREBREAK_POLICY_RESOURCES_PREFIX_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::policy {

// An IPv4 or IPv6 prefix.
struct Prefix {
  std::string address;  // 4 or 16 bytes, network order, host bits zero
  int length = 0;       // bits

  friend bool operator==(const Prefix&, const Prefix&) = default;
  friend auto operator<=>(const Prefix&, const Prefix&) = default;
};

// "10.0.0.0/8", "2001:db8::/32", or an address alone, which is a prefix of its full length.
// InvalidArgument with the reason: where bits behind the prefix are set, it names what is meant.
absl::StatusOr<Prefix> ParsePrefix(absl::string_view text);

// As RFC 5952 writes it, always with the length.
std::string PrefixText(const Prefix& prefix);

// Whether no bit behind `length` is set. `length` is within the address.
bool HostBitsAreZero(absl::string_view address, int length);

// InvalidArgument unless `text` is IP:PORT or [IPv6]:PORT with a port from 1.
absl::Status CheckAddressAndPort(absl::string_view text);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_PREFIX_H_
