// SPDX-License-Identifier: Apache-2.0
#include "agent/record/describe.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "agent/kernel/nflog/packet.h"
#include "agent/record/ledger.h"
#include "proto/log/words.h"

namespace firebreak::agent {
namespace {

// Prefixes of other programs' rules and interface names are cached; the bound keeps a stream of new
// ones from using up this host's memory.
constexpr size_t kMaxKept = 1024;

std::string Bytes(const LogAddress& address, uint8_t family) {
  std::string bytes;
  if (family == 6) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<char>(address.high >> shift));
    }
  }
  for (int shift = family == 6 ? 56 : 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(address.low >> shift));
  }
  return bytes;
}

absl::string_view ReasonText(absl::string_view counter) {
  absl::ConsumePrefix(&counter, "drop.");
  return counter;
}

bool IsLoopback(const LogAddress& address, uint8_t family) {
  return family == 4 ? address.low >> 24 == 127 : address.high == 0 && address.low == 1;
}

}  // namespace

Describer::Describer() : context_(std::make_shared<RecordContext>()) {}

void Describer::Use(std::shared_ptr<const RecordContext> context) {
  context_ = std::move(context);
  places_.clear();
}

void Describer::ClearTexts() {
  texts_.Clear();
  places_.clear();
  reasons_.clear();
}

const Describer::Place& Describer::PlaceOf(uint32_t index) {
  if (const auto found = places_.find(index); found != places_.end()) return *found->second;
  if (places_.size() >= kMaxKept) places_.clear();
  auto place = std::make_unique<Place>();
  for (const RecordContext::Interface& interface : context_->interfaces) {
    if (interface.index != index) continue;
    *place = {
        .interface = &interface,
        .name = texts_.Intern(interface.name),
        .location = texts_.Intern(interface.location),
        .policy = texts_.Intern(interface.profile.firewall_policy),
        .outbound_policy = texts_.Intern(interface.profile.outbound_default_policy),
        .has_blocks = std::any_of(
            interface.profile.inbound.begin(), interface.profile.inbound.end(),
            [](const v1::Mapping* mapping) { return mapping->action() != v1::Traffic::allow; })};
  }
  // The interface is newer than the context, or already gone.
  if (place->interface == nullptr && index != 0) {
    place->name = texts_.Intern(absl::StrCat("#", index));
  }
  return *(places_[index] = std::move(place));
}

// Parses "allow POLICY/NAME", as policy::MappingLogPrefix writes it. Returns false for other texts.
bool Describer::FillMappingReason(absl::string_view name, Reason& reason) {
  constexpr std::pair<absl::string_view, absl::string_view> kReasons[] = {
      {"allow ", "mapping"}, {"block ", "blocked"}, {"reject ", "rejected"}};
  for (const auto& [prefix, text] : kReasons) {
    absl::string_view names = name;
    if (!absl::ConsumePrefix(&names, prefix)) continue;
    const size_t slash = names.find('/');
    if (slash == absl::string_view::npos) return false;
    reason.text = texts_.Intern(text);
    reason.mapping_admits = prefix == kReasons[0].first;
    reason.policy = texts_.Intern(names.substr(0, slash));
    reason.mapping = texts_.Intern(names.substr(slash + 1));
    return true;
  }
  return false;
}

const Describer::Reason& Describer::ReasonOf(absl::string_view prefix) {
  if (const auto found = reasons_.find(prefix); found != reasons_.end()) return *found->second;
  if (reasons_.size() >= kMaxKept) reasons_.clear();
  auto reason = std::make_unique<Reason>();
  const absl::string_view name = absl::StripTrailingAsciiWhitespace(prefix);
  if (Ledger::Counts(name)) {
    reason->counter = std::string(name);
    reason->text = texts_.Intern(ReasonText(name));
    reason->blocked = absl::EndsWith(name, ".blocked") || absl::EndsWith(name, ".rejected");
    reason->unsolicited =
        absl::EndsWith(name, ".unsolicited") || absl::EndsWith(name, ".unsolicited-rejected");
    reason->outbound =
        absl::EndsWith(name, ".outbound") || absl::EndsWith(name, ".outbound-rejected");
  } else if (!FillMappingReason(name, *reason)) {
    // The packet was logged by a rule of another program that uses our NFLOG group.
    reason->text = texts_.Intern(absl::StrCat("foreign:", name));
  }
  return *(reasons_[std::string(prefix)] = std::move(reason));
}

void Describer::SetMapping(const Place& place, bool inbound, Record& record) {
  if (place.interface == nullptr || record.family == 0) return;
  const policy::Profile& profile = place.interface->profile;
  const v1::Mapping* mapping =
      FindMapping(inbound ? profile.inbound : profile.outbound, record,
                  Bytes(inbound ? record.source : record.destination, record.family),
                  Bytes(inbound ? record.destination : record.source, record.family));
  if (mapping == nullptr) return;
  record.mapping = texts_.Intern(mapping->name());
  record.policy = texts_.Intern(mapping->policy());
}

Record Describer::Describe(const LoggedPacket& packet, int64_t now_micros,
                           const std::string*& counter) {
  const Reason& reason = ReasonOf(packet.prefix);
  const bool inbound = packet.in_interface != 0;
  const Place& place = PlaceOf(inbound ? packet.in_interface : packet.out_interface);
  counter = &reason.counter;
  Record record;
  record.time_micros = packet.time_micros.value_or(now_micros);
  record.action = Action::kDrop;
  ReadPacket(packet.payload, record);
  record.interface = place.name;
  record.location = place.location;
  record.policy = reason.outbound ? place.outbound_policy : place.policy;
  record.reason = reason.text;
  if (reason.mapping_admits.has_value()) {
    if (*reason.mapping_admits) record.action = inbound ? Action::kOpenInbound : Action::kOpen;
    record.mapping = reason.mapping;
    record.policy = reason.policy;
    return record;
  }
  // A packet that a blocking mapping kept from being opened may be dropped as unsolicited too, so
  // its mapping is looked up. A forwarded packet does not show where it was sent first.
  const bool forwarded = inbound && packet.out_interface != 0;
  if (!forwarded && (reason.blocked || (reason.unsolicited && place.has_blocks))) {
    SetMapping(place, inbound, record);
  }
  return record;
}

const RecordContext::Interface* Describer::Owner(const LogAddress& address, uint8_t family) const {
  for (const RecordContext::Interface& interface : context_->interfaces) {
    for (const auto& [own, own_family] : interface.addresses) {
      if (own_family == family && own == address) return &interface;
    }
  }
  return nullptr;
}

std::optional<Record> Describer::Describe(const FlowNews& news, const Flow& flow,
                                          int64_t now_micros) {
  Record record;
  record.time_micros = now_micros;
  if (!ToLogAddress(flow.original.source, record.source, record.family) ||
      !ToLogAddress(flow.original.destination, record.destination, record.family) ||
      IsLoopback(record.source, record.family)) {
    return std::nullopt;
  }
  const RecordContext::Interface* from = Owner(record.source, record.family);
  const RecordContext::Interface* to = Owner(record.destination, record.family);
  if (from != nullptr && to != nullptr) return std::nullopt;
  const bool inbound = to != nullptr;
  record.action = news.closed ? Action::kClose : inbound ? Action::kOpenInbound : Action::kOpen;
  if (!news.failure.empty()) record.reason = texts_.Intern(news.failure);
  record.protocol = flow.protocol;
  const bool icmp = flow.protocol == 1 || flow.protocol == 58;
  if (icmp) {
    record.icmp_type = flow.original.icmp_type;
    record.icmp_code = flow.original.icmp_code;
    record.has |= Record::kIcmp;
  } else if (flow.original.source_port != 0 || flow.original.destination_port != 0) {
    record.source_port = flow.original.source_port;
    record.destination_port = flow.original.destination_port;
    record.has |= Record::kPorts;
  }
  const uint64_t bytes = flow.original_bytes + flow.reply_bytes;
  if (record.action == Action::kClose && bytes > 0) {
    record.size = bytes;
    record.has |= Record::kSize;
  }
  const RecordContext::Interface* interface = inbound ? to : from;
  if (interface == nullptr) return record;  // the packet is forwarded
  const Place& place = PlaceOf(interface->index);
  record.interface = place.name;
  record.location = place.location;
  record.policy = place.policy;
  SetMapping(place, inbound, record);
  return record;
}

Record Describer::DescribeLoss(absl::string_view what, uint64_t lost, int64_t now_micros) {
  Record record;
  record.time_micros = now_micros;
  record.action = Action::kEventsLost;
  record.lost = lost;
  record.reason = texts_.Intern(ReasonText(what));
  return record;
}

Record Describer::DescribeAttack(bool began, int64_t now_micros) {
  Record record;
  record.time_micros = now_micros;
  record.action = Action::kAttack;
  record.reason = texts_.Intern(began ? "attack.began" : "attack.ended");
  return record;
}

}  // namespace firebreak::agent
