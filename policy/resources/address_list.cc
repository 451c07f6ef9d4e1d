// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/address_list.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "policy/resources/names.h"

namespace firebreak::policy {
namespace {

using Number = unsigned __int128;

struct Interval {
  Number first, last;
  bool operator<(const Interval& other) const { return first < other.first; }
};

Number ToNumber(const std::string& bytes) {
  Number number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<uint8_t>(byte);
  return number;
}

std::string ToBytes(Number number, size_t length) {
  std::string bytes(length, '\0');
  for (size_t i = length; i-- > 0; number >>= 8) bytes[i] = static_cast<char>(number & 0xff);
  return bytes;
}

// Returns the highest address of the family.
Number Highest(size_t bytes) { return bytes == 16 ? ~Number{0} : (Number{1} << 32) - 1; }

Interval ToInterval(const Prefix& prefix) {
  const auto host_bits = static_cast<unsigned int>(prefix.address.size()) * 8 -
                         static_cast<unsigned int>(prefix.length);
  const Number first = ToNumber(prefix.address);
  return {first, first | (host_bits == 128 ? ~Number{0} : (Number{1} << host_bits) - 1)};
}

// Appends the smallest number of prefixes that cover exactly the interval, from its beginning,
// always the largest that fits.
void AppendPrefixes(const Interval& interval, size_t bytes, std::vector<Prefix>& prefixes) {
  const auto bits = static_cast<int>(bytes) * 8;
  Number at = interval.first;
  while (true) {
    int host_bits = 0;
    while (host_bits < bits) {
      const Number size = host_bits + 1 == 128 ? 0 : Number{1} << (host_bits + 1);
      const Number last = at + (size - 1);
      const bool aligned = (at & (size - 1)) == 0;
      if (!aligned || last < at || last > interval.last) break;
      ++host_bits;
    }
    prefixes.push_back({ToBytes(at, bytes), bits - host_bits});
    const Number last = host_bits == 128 ? ~Number{0} : at + ((Number{1} << host_bits) - 1);
    if (last >= interval.last) return;
    at = last + 1;
  }
}

// Sorts the intervals and joins those that touch.
std::vector<Interval> Joined(std::vector<Interval> intervals) {
  std::sort(intervals.begin(), intervals.end());
  std::vector<Interval> joined;
  for (const Interval& one : intervals) {
    const bool touches = !joined.empty() &&
                         (joined.back().last == ~Number{0} || one.first <= joined.back().last + 1);
    if (touches) {
      joined.back().last = std::max(joined.back().last, one.last);
    } else {
      joined.push_back(one);
    }
  }
  return joined;
}

// Both arguments must be sorted and joined (Joined).
std::vector<Interval> Without(const std::vector<Interval>& all,
                              const std::vector<Interval>& except) {
  std::vector<Interval> rest;
  for (Interval one : all) {
    bool gone = false;
    for (const Interval& hole : except) {
      if (hole.last < one.first) continue;
      if (hole.first > one.last) break;
      if (hole.first > one.first) rest.push_back({one.first, hole.first - 1});
      if (hole.last >= one.last) {
        gone = true;
        break;
      }
      one.first = hole.last + 1;
    }
    if (!gone) rest.push_back(one);
  }
  return rest;
}

std::vector<Interval> IntervalsOf(const InternedStrings& texts, size_t bytes) {
  std::vector<Interval> intervals;
  for (const std::string& text : texts) {
    const auto prefixes = ParseAddresses(text);
    if (!prefixes.ok()) continue;
    for (const Prefix& prefix : *prefixes) {
      if (prefix.address.size() == bytes) intervals.push_back(ToInterval(prefix));
    }
  }
  return Joined(std::move(intervals));
}

v1::Prefix ToMessage(const Prefix& prefix) {
  v1::Prefix message;
  message.set_address(prefix.address);
  message.set_length(static_cast<uint32_t>(prefix.length));
  return message;
}

absl::Status TooMany(size_t most) {
  return absl::InvalidArgumentError(absl::StrCat(
      "the list comes to more than ", most,
      " prefixes, ranges and exceptions spelled out; make several mappings of it, or choose ranges "
      "that begin and end where prefixes do"));
}

}  // namespace

absl::StatusOr<std::vector<Prefix>> ParseAddresses(absl::string_view text) {
  const size_t dash = text.find('-');
  if (dash == absl::string_view::npos) {
    ASSIGN_OR_RETURN(Prefix prefix, ParsePrefix(text));
    return std::vector<Prefix>{std::move(prefix)};
  }
  ASSIGN_OR_RETURN(const Prefix first,
                   ParsePrefix(absl::StripAsciiWhitespace(text.substr(0, dash))));
  ASSIGN_OR_RETURN(const Prefix last,
                   ParsePrefix(absl::StripAsciiWhitespace(text.substr(dash + 1))));
  const size_t bytes = first.address.size();
  const auto whole = static_cast<int>(bytes) * 8;
  if (last.address.size() != bytes || first.length != whole || last.length != whole) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(text),
                     " is not a range: it goes from one address to another of the same family, "
                     "such as \"10.0.0.5-10.0.0.9\""));
  }
  if (last.address < first.address) {
    return absl::InvalidArgumentError(
        absl::StrCat("the range ", Quoted(text), " is the wrong way round; write ",
                     absl::StripAsciiWhitespace(text.substr(dash + 1)), "-",
                     absl::StripAsciiWhitespace(text.substr(0, dash))));
  }
  std::vector<Prefix> prefixes;
  AppendPrefixes({ToNumber(first.address), ToNumber(last.address)}, bytes, prefixes);
  return prefixes;
}

absl::StatusOr<std::vector<v1::Prefix>> SpellAddresses(const InternedStrings& list,
                                                       const InternedStrings& except, size_t most) {
  std::vector<v1::Prefix> spelled;
  const bool plain = except.empty() && std::none_of(list.begin(), list.end(), [](const auto& text) {
                       return text.find('-') != std::string::npos;
                     });
  if (plain) {
    for (const std::string& text : list) {
      if (const auto prefix = ParsePrefix(text); prefix.ok()) spelled.push_back(ToMessage(*prefix));
    }
    if (spelled.size() > most) return TooMany(most);
    return spelled;
  }
  for (const size_t bytes : {size_t{4}, size_t{16}}) {
    std::vector<Interval> all = IntervalsOf(list, bytes);
    if (list.empty()) all = {{0, Highest(bytes)}};
    std::vector<Prefix> prefixes;
    for (const Interval& one : Without(all, IntervalsOf(except, bytes))) {
      AppendPrefixes(one, bytes, prefixes);
      if (spelled.size() + prefixes.size() > most) return TooMany(most);
    }
    for (const Prefix& prefix : prefixes) spelled.push_back(ToMessage(prefix));
  }
  if (spelled.empty()) {
    return absl::InvalidArgumentError("the exceptions leave no address: nothing would be covered");
  }
  return spelled;
}

}  // namespace firebreak::policy
