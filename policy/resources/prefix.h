// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_PREFIX_H_
#define FIREBREAK_POLICY_RESOURCES_PREFIX_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::policy {

// An IPv4 or IPv6 prefix.
struct Prefix {
  std::string address;  // 4 or 16 bytes, network order, host bits zero
  int length = 0;       // in bits

  friend bool operator==(const Prefix&, const Prefix&) = default;
  friend auto operator<=>(const Prefix&, const Prefix&) = default;
};

// Parses "10.0.0.0/8", "2001:db8::/32", or an address alone, which is a prefix of full length.
// InvalidArgument gives the reason; if bits behind the prefix are set, the reason names the prefix
// that was probably meant.
absl::StatusOr<Prefix> ParsePrefix(absl::string_view text);

// Returns the prefix in the form of RFC 5952, always with its length.
std::string PrefixText(const Prefix& prefix);

// Returns the prefix of `length` that holds the address, which has 4 or 16 bytes.
Prefix PrefixAround(std::string address, int length);

// Whether the address, in bytes, lies in the prefix; false if it is of the other family.
bool Contains(const Prefix& prefix, absl::string_view address);

// Whether no bit behind `length` is set. `length` must not exceed the bits of the address.
bool HostBitsAreZero(absl::string_view address, int length);

// Checks that `text` is IP:PORT or [IPv6]:PORT, with a port of at least 1. InvalidArgument
// otherwise.
absl::Status CheckAddressAndPort(absl::string_view text);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_PREFIX_H_
