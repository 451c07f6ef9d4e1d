// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/mapping_boxes.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/merge/icmp_option_types.h"
#include "policy/resources/expiry.h"
#include "policy/resources/prefix.h"
#include "policy/resources/protocols.h"
#include "policy/resources/rate.h"

namespace firebreak::policy {
namespace {

using Boxes = std::vector<Box>;

// Returns each box narrowed to each span along one axis. No spans mean no restriction.
template <typename Spans, typename SpanOf>
Boxes Within(const Boxes& boxes, Box::Axis axis, const Spans& spans, const SpanOf& span_of) {
  if (spans.empty()) return boxes;
  Boxes narrower;
  for (const Box& box : boxes) {
    for (const auto& span : spans) {
      const std::optional<std::pair<AddressNumber, AddressNumber>> range = span_of(span);
      if (!range.has_value()) continue;
      Box one = box;
      one.SetFirst(axis, range->first);
      one.SetLast(axis, range->second);
      narrower.push_back(one);
    }
  }
  return narrower;
}

using Range = std::optional<std::pair<AddressNumber, AddressNumber>>;

Range RangeOf(const v1::Prefix& prefix, size_t address_bytes) {
  if (prefix.address().size() != address_bytes) return std::nullopt;
  const auto host_bits = static_cast<unsigned int>(address_bytes * 8) - prefix.length();
  const AddressNumber ones =
      host_bits == 128 ? ~AddressNumber{0} : (AddressNumber{1} << host_bits) - 1;
  const AddressNumber first = ToAddressNumber(prefix.address());
  return std::pair{first, first | ones};
}

bool IsWithin(const std::string& address,
              const google::protobuf::RepeatedPtrField<v1::Prefix>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const v1::Prefix& prefix) {
    const Range range = RangeOf(prefix, address.size());
    const AddressNumber number = ToAddressNumber(address);
    return range.has_value() && range->first <= number && number <= range->second;
  });
}

std::string PrefixesText(const google::protobuf::RepeatedPtrField<v1::Prefix>& prefixes) {
  std::vector<std::string> texts;
  for (const v1::Prefix& prefix : prefixes) {
    texts.push_back(PrefixText({prefix.address(), static_cast<int>(prefix.length())}));
  }
  return absl::StrJoin(texts, ", ");
}

}  // namespace

std::vector<Box> BoxesOf(const v1::Mapping& mapping, size_t address_bytes) {
  Boxes all;
  for (const v1::PortRange& range : mapping.ports()) {
    const auto protocol = static_cast<uint8_t>(range.protocol());
    if (IsIcmp(protocol) && protocol != IcmpProtocol(address_bytes)) continue;
    Box box = WholeBox(address_bytes);
    if (protocol != kAnyProtocol) {
      box.first16[Box::kProtocol] = box.last16[Box::kProtocol] = protocol;
    }
    box.first16[Box::kPort] = static_cast<uint16_t>(range.first());
    box.last16[Box::kPort] = static_cast<uint16_t>(range.last());
    Boxes boxes = {box};
    if (IsIcmp(protocol)) {
      boxes = Within(boxes, Box::kPort, mapping.icmp(), [&](const v1::IcmpKind& kind) -> Range {
        if (kind.protocol() != protocol) return std::nullopt;
        const uint32_t first = kind.type() << 8 | kind.code();
        return std::pair<AddressNumber, AddressNumber>{first,
                                                       kind.has_code() ? first : first | 0xff};
      });
    }
    boxes = Within(boxes, Box::kSourcePort, mapping.source_ports(),
                   [](const v1::PortSpan& span) -> Range {
                     return std::pair<AddressNumber, AddressNumber>{span.first(), span.last()};
                   });
    boxes = Within(boxes, Box::kAddress, mapping.remote(),
                   [&](const v1::Prefix& prefix) { return RangeOf(prefix, address_bytes); });
    all.insert(all.end(), boxes.begin(), boxes.end());
  }
  return all;
}

std::optional<Condition> ConditionOf(const v1::Mapping& mapping,
                                     const std::vector<std::string>& own) {
  std::vector<std::string> parts;
  Condition condition;
  if (!mapping.local().empty()) {
    parts.push_back(absl::StrCat("at ", PrefixesText(mapping.local())));
    condition.holds = std::any_of(own.begin(), own.end(), [&](const std::string& address) {
      return IsWithin(address, mapping.local());
    });
  }
  std::vector<std::string> senders;
  for (const std::string& name : mapping.users()) senders.push_back(absl::StrCat("user ", name));
  for (const std::string& name : mapping.user_groups()) {
    senders.push_back(absl::StrCat("group ", name));
  }
  for (const std::string& name : mapping.units()) senders.push_back(absl::StrCat("unit ", name));
  if (!senders.empty()) {
    parts.push_back(absl::StrCat("sent by ", absl::StrJoin(senders, ", ")));
    condition.holds = false;
  }
  if (mapping.has_limit()) {
    const v1::Limit& limit = mapping.limit();
    parts.push_back(absl::StrCat("at most ", RateText({limit.flows(), limit.seconds()}), " beyond ",
                                 limit.burst(), limit.per_source() ? " of each source" : ""));
  }
  if (mapping.has_connections()) {
    parts.push_back(absl::StrCat("at most ", mapping.connections().max(), " at a time",
                                 mapping.connections().per_source() ? " of each source" : ""));
  }
  if (mapping.expires() != 0) {
    parts.push_back(absl::StrCat("until ", ExpiryText(mapping.expires())));
  }
  condition.limits = mapping.has_limit() || mapping.has_connections();
  if (parts.empty()) return std::nullopt;
  condition.text = absl::StrJoin(parts, ", ");
  return condition;
}

}  // namespace firebreak::policy
