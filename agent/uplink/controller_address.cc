// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/controller_address.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace firebreak::agent {
namespace {

// A peer of any other form is not an IP address and a port, so it cannot be connected to again.
bool IsAddress(absl::string_view peer) {
  return absl::StartsWith(peer, "ipv4:") || absl::StartsWith(peer, "ipv6:");
}

}  // namespace

ControllerAddress::ControllerAddress(std::string name, std::string last,
                                     std::function<void(const std::string&)> remember)
    : name_(std::move(name)),
      last_(IsAddress(last) ? std::move(last) : std::string()),
      remember_(std::move(remember)) {}

void ControllerAddress::Reached(const std::string& peer) {
  by_name_ = true;
  if (!IsAddress(peer) || peer == last_) return;
  last_ = peer;
  remember_(last_);
}

void ControllerAddress::Failed() { by_name_ = !by_name_ || last_.empty(); }

}  // namespace firebreak::agent
