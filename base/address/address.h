// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_ADDRESS_ADDRESS_H_
#define FIREBREAK_BASE_ADDRESS_ADDRESS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak {

// IP addresses as text and as bytes: 4 for IPv4 and 16 for IPv6, in network order.

// Returns the bytes of "192.0.2.1" or "2001:db8::1"; nullopt if the text is anything else.
std::optional<std::string> ParseAddress(absl::string_view text);

// Returns the bytes of the address in text such as "192.0.2.1/24" or "192.0.2.1"; what follows the
// slash is ignored. Empty if there is no address.
std::string AddressOfPrefix(absl::string_view text);

// Returns the text of an address (RFC 5952); empty for any other number of bytes.
std::string AddressText(absl::string_view address);

// Returns "192.0.2.1:80" or "[2001:db8::1]:80"; for any other number of bytes "?:80".
std::string AddressAndPortText(absl::string_view address, uint32_t port);

// Does the same for an address that is text already: "192.0.2.1" or "2001:db8::1".
std::string JoinAddressAndPort(absl::string_view address, uint32_t port);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_ADDRESS_ADDRESS_H_
