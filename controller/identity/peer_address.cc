#include "controller/identity/peer_address.h"

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

}  // namespace firebreak::controller
