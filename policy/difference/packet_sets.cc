// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/packet_sets.h"

#include <netinet/in.h>

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/resources/prefix.h"
#include "policy/resources/protocols.h"

namespace firebreak::policy {
namespace {

constexpr uint16_t kLastProtocol = 255;
constexpr AddressNumber kLastPort = 65535;
constexpr AddressNumber kLast4 = 0xffffffff;
constexpr AddressNumber kLast6 = ~AddressNumber{0};

std::string AddressText(AddressNumber address, size_t bytes) {
  std::string text = PrefixText({ToAddressBytes(address, bytes), static_cast<int>(bytes * 8)});
  text.resize(text.rfind('/'));
  return text;
}

// Returns "10.0.0.0/8", "10.0.0.1" or "10.0.0.1-10.0.0.5".
std::string RangeText(const NumberRange& range, size_t bytes) {
  if (range.first == range.last) return AddressText(range.first, bytes);
  const AddressNumber span = range.last - range.first;
  const bool power = (span & (span + 1)) == 0;
  if (!power || (range.first & span) != 0) {
    return absl::StrCat(AddressText(range.first, bytes), "-", AddressText(range.last, bytes));
  }
  const int host_bits =
      std::popcount(static_cast<uint64_t>(span >> 64)) + std::popcount(static_cast<uint64_t>(span));
  return PrefixText({ToAddressBytes(range.first, bytes), static_cast<int>(bytes * 8) - host_bits});
}

std::vector<std::string> RangeTexts(const RemoteSet& set) {
  std::vector<std::string> texts;
  for (const NumberRange& range : set.ipv4) texts.push_back(RangeText(range, 4));
  for (const NumberRange& range : set.ipv6) texts.push_back(RangeText(range, 16));
  return texts;
}

std::string NumbersText(const NumberRange& range) {
  const auto first = static_cast<uint32_t>(range.first), last = static_cast<uint32_t>(range.last);
  return first == last ? absl::StrCat(first) : absl::StrCat(first, "-", last);
}

// Returns a text for types, or for the codes of one type; Box keeps type and code in one number.
std::string IcmpText(const NumberRange& range) {
  const auto first = static_cast<uint32_t>(range.first), last = static_cast<uint32_t>(range.last);
  const bool whole_types = (first & 0xff) == 0 && (last & 0xff) == 0xff;
  if (whole_types) return NumbersText({first >> 8, last >> 8});
  if (first >> 8 == last >> 8) {
    return absl::StrCat(first >> 8, " code ", NumbersText({first & 0xff, last & 0xff}));
  }
  return absl::StrCat(first >> 8, " code ", first & 0xff, " to ", last >> 8, " code ", last & 0xff);
}

std::string ProtocolName(uint16_t protocol) {
  if (protocol == IPPROTO_ICMP) return "icmp";
  if (protocol == IPPROTO_ICMPV6) return "icmpv6";
  std::string name = ProtocolText(static_cast<uint8_t>(protocol));
  return std::isdigit(static_cast<unsigned char>(name[0])) != 0 ? absl::StrCat("protocol ", name)
                                                                : name;
}

bool IsAll(const NumberSet& ports) { return ports == NumberSet{{0, kLastPort}}; }

std::vector<std::string> TrafficTexts(const TrafficSet& set) {
  std::vector<std::string> texts;
  for (auto entry = set.begin(); entry != set.end();) {
    const auto& [protocol, ports] = *entry;
    if (!IsAll(ports)) {
      const bool icmp = protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
      for (const NumberRange& range : ports) {
        texts.push_back(
            absl::StrCat(ProtocolName(protocol), "/", icmp ? IcmpText(range) : NumbersText(range)));
      }
      ++entry;
      continue;
    }
    // Finds the end of a run of protocols that are completely in the set.
    uint16_t last = protocol;
    auto next = std::next(entry);
    while (next != set.end() && next->first == last + 1 && IsAll(next->second)) {
      last = next->first;
      ++next;
    }
    constexpr uint16_t kFewProtocols = 2;
    if (last - protocol < kFewProtocols) {
      for (uint16_t one = protocol; one <= last; ++one) texts.push_back(ProtocolName(one));
    } else {
      texts.push_back(absl::StrCat("protocols ", protocol, "-", last));
    }
    entry = next;
  }
  // Well-known protocols come first.
  std::stable_sort(texts.begin(), texts.end(), [](const std::string& a, const std::string& b) {
    const auto numbered = [](const std::string& text) { return text.rfind("protocol", 0) == 0; };
    return numbered(a) < numbered(b);
  });
  return texts;
}

SetText Shorter(std::vector<std::string> in, std::vector<std::string> except) {
  if (except.size() < in.size()) return {{}, std::move(except)};
  return {std::move(in), {}};
}

}  // namespace

NumberSet Normalised(NumberSet ranges) {
  std::sort(ranges.begin(), ranges.end());
  NumberSet set;
  for (const NumberRange& range : ranges) {
    const bool touches =
        !set.empty() && (set.back().last >= range.first || set.back().last + 1 == range.first);
    if (touches) {
      set.back().last = std::max(set.back().last, range.last);
    } else {
      set.push_back(range);
    }
  }
  return set;
}

NumberSet Complement(const NumberSet& set, AddressNumber last) {
  NumberSet complement;
  AddressNumber next = 0;
  for (const NumberRange& range : set) {
    if (range.first > next) complement.push_back({next, range.first - 1});
    if (range.last == last) return complement;
    next = range.last + 1;
  }
  complement.push_back({next, last});
  return complement;
}

SetText RemoteText(const RemoteSet& set) {
  return Shorter(RangeTexts(set),
                 RangeTexts({Complement(set.ipv4, kLast4), Complement(set.ipv6, kLast6)}));
}

SetText TrafficText(const TrafficSet& set) {
  TrafficSet complement;
  for (uint16_t protocol = 1; protocol <= kLastProtocol; ++protocol) {
    const auto found = set.find(protocol);
    NumberSet ports = Complement(found == set.end() ? NumberSet() : found->second, kLastPort);
    if (!ports.empty()) complement[protocol] = std::move(ports);
  }
  return Shorter(TrafficTexts(set), TrafficTexts(complement));
}

}  // namespace firebreak::policy
