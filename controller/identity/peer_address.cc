#include "controller/identity/peer_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace firebreak::controller {

std::string PeerAddress(absl::string_view grpc_peer) {
  if (!absl::ConsumePrefix(&grpc_peer, "ipv4:")) absl::ConsumePrefix(&grpc_peer, "ipv6:");
  return absl::StrReplaceAll(
      grpc_peer, {{"%5B", "["}, {"%5D", "]"}, {"%5b", "["}, {"%5d", "]"}, {"%25", "%"}});
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
