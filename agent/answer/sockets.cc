// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/sockets.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "agent/answer/user_name.h"
#include "base/address/address.h"
#include "base/status/status.h"
#include "policy/merge/expiring.h"
#include "policy/merge/profile.h"
#include "policy/resources/protocols.h"

namespace firebreak::agent {
namespace {

constexpr int kPartSockets = 100;

bool IsAny(const std::string& address) {
  return address.find_first_not_of('\0') == std::string::npos;
}

bool IsLoopback(const std::string& address) {
  return address.size() == 4 ? address[0] == 127 : address == std::string(15, '\0') + '\x01';
}

// An interface and the profile that holds for it; without a profile, the host is unmanaged.
struct Place {
  const Link* link = nullptr;
  std::optional<policy::Profile> profile;

  bool Guards() const { return profile.has_value() && profile->firewall == v1::Firewall::on; }
};

std::vector<Place> PlacesOf(const Snapshot& host) {
  std::vector<Place> places;
  for (const Link& link : host.links) {
    if (link.type == "loopback") continue;
    Place& place = places.emplace_back();
    place.link = &link;
    const v1::EffectiveLocation* location = host.LocationOf(link.name);
    if (location != nullptr) place.profile = policy::ProfileOf(*location, link.name, link.type);
  }
  return places;
}

bool HasAddress(const Link& link, const std::string& text) {
  return std::any_of(link.addresses.begin(), link.addresses.end(), [&](const std::string& address) {
    return *absl::StrSplit(address, '/').begin() == text;
  });
}

bool Reaches(const ListeningSocket& socket, const Link& link) {
  if (socket.interface_index != 0) return socket.interface_index == link.index;
  if (IsAny(socket.address)) return true;
  return !IsLoopback(socket.address) && HasAddress(link, AddressText(socket.address));
}

// Whether the mapping leads packets for the range to this port of this host, directly or by
// forwarding.
bool LeadsTo(const v1::Mapping& mapping, const v1::PortRange& range, const Snapshot& host,
             uint8_t protocol, uint16_t port) {
  if (range.protocol() != protocol && range.protocol() != policy::kAnyProtocol) return false;
  if (mapping.has_forward()) {
    const std::string address = AddressText(mapping.forward().address());
    const bool here =
        address.empty() || std::any_of(host.links.begin(), host.links.end(),
                                       [&](const Link& link) { return HasAddress(link, address); });
    if (!here) return false;
    if (mapping.forward().port() != 0) return mapping.forward().port() == port;
  }
  return range.first() <= port && port <= range.last();
}

// Returns the mapping that lets some remote in to the port, or null if no mapping does.
const v1::Mapping* Opens(const policy::Profile& profile, const Snapshot& host, uint8_t protocol,
                         uint16_t port) {
  for (const v1::Mapping* mapping : profile.inbound) {
    const bool covers = std::any_of(
        mapping->ports().begin(), mapping->ports().end(),
        [&](const v1::PortRange& range) { return LeadsTo(*mapping, range, host, protocol, port); });
    if (!covers) continue;
    if (policy::HasExpired(*mapping, absl::ToUnixSeconds(absl::Now()))) continue;
    if (mapping->action() == v1::Traffic::allow) return mapping;
    // A block of everybody leaves nobody; behind any other block, somebody may still get in.
    const bool of_everybody =
        mapping->remote().empty() && mapping->local().empty() && mapping->source_ports().empty();
    if (of_everybody) return nullptr;
  }
  return nullptr;
}

class Judge {
 public:
  Judge(const Snapshot& host, const std::vector<ListeningSocket>& sockets,
        const std::map<uint32_t, SocketOwner>& owners)
      : host_(host), sockets_(sockets), owners_(owners), places_(PlacesOf(host)) {}

  v1::HostSocket Judged(const ListeningSocket& socket) const {
    v1::HostSocket judged = Described(socket);
    bool reachable = false;
    bool exposed = false;
    std::vector<std::string> open_on;
    std::vector<std::string> exposed_on;
    for (const Place& place : places_) {
      if (!Reaches(socket, *place.link)) continue;
      reachable = true;
      const v1::Mapping* mapping = place.profile.has_value()
                                       ? Opens(*place.profile, host_, socket.protocol, socket.port)
                                       : nullptr;
      if (mapping != nullptr) {
        open_on.push_back(place.link->name);
        judged.set_mapping(mapping->name());
        judged.set_policy(mapping->policy());
      } else if (!place.Guards()) {
        exposed = true;
        exposed_on.push_back(place.link->name);
      }
    }
    if (!reachable) {
      judged.set_judgement("local");
    } else if (exposed) {
      judged.set_judgement("exposed");
      judged.set_advice("bind it to loopback, stop it, or turn the firewall on there");
    } else if (!open_on.empty()) {
      judged.set_judgement("open");
    } else {
      judged.set_judgement("closed");
      judged.set_advice("bind it to loopback or stop it; or open it with a port mapping");
    }
    for (std::string& name : exposed ? exposed_on : open_on) {
      judged.add_interfaces(std::move(name));
    }
    return judged;
  }

  // Adds the mappings that open ports on which no socket listens.
  void AddIdle(std::vector<v1::HostSocket>& out) const {
    std::set<const v1::Mapping*> seen;
    for (const Place& place : places_) {
      if (!place.profile.has_value()) continue;
      for (const v1::Mapping* mapping : place.profile->inbound) {
        if (mapping->action() != v1::Traffic::allow || !seen.insert(mapping).second) continue;
        for (const v1::PortRange& range : mapping->ports()) AddIfIdle(*mapping, range, out);
      }
    }
  }

 private:
  v1::HostSocket Described(const ListeningSocket& socket) const {
    v1::HostSocket described;
    described.set_protocol(policy::ProtocolText(socket.protocol));
    if (!IsAny(socket.address)) described.set_address(AddressText(socket.address));
    described.set_port(socket.port);
    for (const Link& link : host_.links) {
      if (socket.interface_index != 0 && link.index == socket.interface_index) {
        described.set_interface(link.name);
      }
    }
    described.set_user(UserName(socket.user));
    if (const auto owner = owners_.find(socket.inode); owner != owners_.end()) {
      described.set_process(owner->second.name);
      described.set_pid(static_cast<uint32_t>(owner->second.process));
      described.set_unit(owner->second.unit);
    }
    return described;
  }

  void AddIfIdle(const v1::Mapping& mapping, const v1::PortRange& range,
                 std::vector<v1::HostSocket>& out) const {
    const auto protocol = static_cast<uint8_t>(range.protocol());
    if (!policy::HasPorts(protocol)) return;
    // A port that is forwarded to another host needs no listener on this one.
    const bool leads_away =
        mapping.has_forward() && !mapping.forward().address().empty() &&
        std::none_of(host_.links.begin(), host_.links.end(), [&](const Link& link) {
          return HasAddress(link, AddressText(mapping.forward().address()));
        });
    if (leads_away) return;
    for (const ListeningSocket& socket : sockets_) {
      if (!IsLoopback(socket.address) && LeadsTo(mapping, range, host_, protocol, socket.port) &&
          socket.protocol == protocol) {
        return;
      }
    }
    v1::HostSocket& idle = out.emplace_back();
    idle.set_judgement("idle");
    idle.set_protocol(policy::ProtocolText(protocol));
    idle.set_port(range.first());
    idle.set_mapping(mapping.name());
    idle.set_policy(mapping.policy());
    idle.set_advice(absl::StrCat(
        "remove the mapping",
        range.first() == range.last() ? "" : absl::StrCat(" up to port ", range.last()),
        ", or start the program that should listen"));
  }

  const Snapshot& host_;
  const std::vector<ListeningSocket>& sockets_;
  const std::map<uint32_t, SocketOwner>& owners_;
  const std::vector<Place> places_;
};

}  // namespace

std::vector<v1::HostSocket> JudgeSockets(const Snapshot& host,
                                         const std::vector<ListeningSocket>& sockets,
                                         const std::map<uint32_t, SocketOwner>& owners,
                                         bool loopback) {
  const Judge judge(host, sockets, owners);
  std::vector<v1::HostSocket> judged;
  for (const ListeningSocket& socket : sockets) {
    v1::HostSocket one = judge.Judged(socket);
    if (one.judgement() != "local" || loopback) judged.push_back(std::move(one));
  }
  judge.AddIdle(judged);
  return judged;
}

absl::StatusOr<v1::Answer> ProduceSockets(const v1::SocketsQuestion& question, const Snapshot& host,
                                          const BackgroundAnswers::Emit& emit) {
  ASSIGN_OR_RETURN(const std::vector<ListeningSocket> sockets, ReadListeningSockets());
  std::set<uint32_t> inodes;
  for (const ListeningSocket& socket : sockets) inodes.insert(socket.inode);
  v1::Answer part;
  part.mutable_sockets();
  for (v1::HostSocket& judged :
       JudgeSockets(host, sockets, FindOwners(inodes), question.loopback())) {
    *part.mutable_sockets()->add_sockets() = std::move(judged);
    if (part.sockets().sockets_size() < kPartSockets) continue;
    if (!emit(std::exchange(part, {}))) return absl::CancelledError("nobody listens any more");
    part.mutable_sockets();
  }
  return part;
}

}  // namespace firebreak::agent
