// SPDX-License-Identifier: Apache-2.0
#include "controller/identity/peer_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace firebreak::controller {

std::string PeerAddress(const sockaddr_storage& peer) {
  char text[INET6_ADDRSTRLEN] = "";
  if (peer.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(peer);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return absl::StrCat(text, ":", ntohs(v4.sin_port));
  }
  if (peer.ss_family != AF_INET6) return "";
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(peer);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    inet_ntop(AF_INET, v6.sin6_addr.s6_addr + 12, text, sizeof text);
    return absl::StrCat(text, ":", ntohs(v6.sin6_port));
  }
  inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  return absl::StrCat("[", text, "]:", ntohs(v6.sin6_port));
}

std::string WithoutPort(absl::string_view address) {
  return std::string(address.substr(0, address.rfind(':')));
}

std::string NetworkOf(absl::string_view address) {
  const std::string host = WithoutPort(address);
  absl::string_view inner = host;
  if (!absl::ConsumePrefix(&inner, "[") || !absl::ConsumeSuffix(&inner, "]")) return host;
  in6_addr bytes = {};
  if (inet_pton(AF_INET6, std::string(inner.substr(0, inner.find('%'))).c_str(), &bytes) != 1) {
    return host;
  }
  if (IN6_IS_ADDR_V4MAPPED(&bytes)) return host;
  std::fill(bytes.s6_addr + 8, bytes.s6_addr + 16, uint8_t{0});
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(AF_INET6, &bytes, text, sizeof text);
  return absl::StrCat(text, "/64");
}

}  // namespace firebreak::controller
