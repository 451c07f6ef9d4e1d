// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/nftables/elements.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "agent/kernel/netlink/attributes.h"

namespace firebreak::agent {
namespace {

constexpr size_t kHeader = sizeof(nlattr);

size_t Aligned(size_t bytes) { return (bytes + 3) / 4 * 4; }

char* PutHeader(uint16_t type, size_t payload, char* to) {
  const nlattr header = {static_cast<uint16_t>(kHeader + payload), type};
  memcpy(to, &header, kHeader);
  return to + kHeader;
}

char* PutBytes(uint16_t type, const void* bytes, size_t length, char* to) {
  to = PutHeader(type, length, to);
  memcpy(to, bytes, length);
  memset(to + length, 0, Aligned(length) - length);
  return to + Aligned(length);
}

// The name is followed by a NUL.
size_t NameBytes(absl::string_view name) { return kHeader + Aligned(name.size() + 1); }

char* PutName(uint16_t type, absl::string_view name, char* to) {
  const size_t length = name.size();
  to = PutHeader(type, length + 1, to);
  memcpy(to, name.data(), length);
  memset(to + length, 0, Aligned(length + 1) - length);
  return to + Aligned(length + 1);
}

size_t ChainBytes(ruleset::VerdictView verdict) {
  return verdict.chain.empty() ? 0 : NameBytes(verdict.chain);
}

// A key is wrapped in NFTA_SET_ELEM_KEY { NFTA_DATA_VALUE }.
size_t KeyBytes(size_t length) { return 2 * kHeader + Aligned(length); }

char* PutKey(uint16_t type, const char* key, size_t length, char* to) {
  to = PutHeader(type | NLA_F_NESTED, kHeader + Aligned(length), to);
  return PutBytes(NFTA_DATA_VALUE, key, length, to);
}

bool IsInterval(const ruleset::Element& element, const ElementLayout& layout) {
  return element.key().size() == 2 * layout.key_length;
}

// Returns the next larger key; nullopt for the largest.
std::optional<ruleset::Bytes> Successor(absl::string_view key) {
  ruleset::Bytes next(key);
  for (size_t i = next.size(); i-- > 0;) {
    next[i] = static_cast<char>(next[i] + 1);
    if (next[i] != 0) return next;
  }
  return std::nullopt;
}

ruleset::Bytes Predecessor(ruleset::Bytes key) {
  for (size_t i = key.size(); i-- > 0;) {
    key[i] = static_cast<char>(key[i] - 1);
    if (key[i] != '\xff') break;
  }
  return key;
}

// Returns the key behind the interval's end, if the element belongs to an interval set.
std::optional<ruleset::Bytes> EndOf(const ruleset::Element& element, const ElementLayout& layout) {
  if (!layout.tree || !IsInterval(element, layout)) return std::nullopt;
  return Successor(element.key().substr(layout.key_length));
}

// NFTA_LIST_ELEM { NFTA_SET_ELEM_KEY, NFTA_SET_ELEM_FLAGS }
size_t EndBytes(const ElementLayout& layout) {
  return kHeader + KeyBytes(layout.key_length) + kHeader + sizeof(uint32_t);
}

char* PutEnd(const ruleset::Bytes& key, char* to) {
  const uint32_t flags = htonl(NFT_SET_ELEM_INTERVAL_END);
  to = PutHeader(NFTA_LIST_ELEM | NLA_F_NESTED, KeyBytes(key.size()) + kHeader + sizeof flags, to);
  to = PutKey(NFTA_SET_ELEM_KEY, key.data(), key.size(), to);
  return PutBytes(NFTA_SET_ELEM_FLAGS, &flags, sizeof flags, to);
}

// NFTA_SET_ELEM_DATA { NFTA_DATA_VERDICT { CODE, CHAIN } }
size_t VerdictBytes(ruleset::VerdictView verdict) {
  return 2 * kHeader + kHeader + sizeof(uint32_t) + ChainBytes(verdict);
}

char* PutVerdict(ruleset::VerdictView verdict, char* to) {
  const uint32_t code = htonl(static_cast<uint32_t>(verdict.code));
  const size_t inside = kHeader + sizeof code + ChainBytes(verdict);
  to = PutHeader(NFTA_SET_ELEM_DATA | NLA_F_NESTED, kHeader + inside, to);
  to = PutHeader(NFTA_DATA_VERDICT | NLA_F_NESTED, inside, to);
  to = PutBytes(NFTA_VERDICT_CODE, &code, sizeof code, to);
  if (verdict.chain.empty()) return to;
  return PutName(NFTA_VERDICT_CHAIN, verdict.chain, to);
}

// The size of the value of a map's element.
size_t ValueBytes(const ruleset::Element& element) {
  if (const auto verdict = element.verdict()) return VerdictBytes(*verdict);
  if (const auto data = element.data()) return KeyBytes(data->size());
  return 0;
}

char* PutValue(const ruleset::Element& element, char* to) {
  if (const auto verdict = element.verdict()) return PutVerdict(*verdict, to);
  if (const auto data = element.data()) {
    return PutKey(NFTA_SET_ELEM_DATA, data->data(), data->size(), to);
  }
  return to;
}

// `key` will point into the message.
bool ReadKey(std::span<const char> nested, absl::string_view& key) {
  return ForEachAttribute(nested, [&](int type, std::span<const char> value) {
    if (type == NFTA_DATA_VALUE) key = {value.data(), value.size()};
    return true;
  });
}

std::optional<ruleset::Verdict> ReadVerdict(std::span<const char> data) {
  ruleset::Verdict verdict;
  bool found = false;
  const bool whole = ForEachAttribute(data, [&](int type, std::span<const char> nested) {
    if (type != NFTA_DATA_VERDICT) return true;
    return ForEachAttribute(nested, [&](int field, std::span<const char> value) {
      if (field == NFTA_VERDICT_CODE && value.size() == sizeof(uint32_t)) {
        uint32_t code;
        memcpy(&code, value.data(), sizeof code);
        verdict.code = static_cast<int32_t>(ntohl(code));
        found = true;
      }
      if (field == NFTA_VERDICT_CHAIN) {
        verdict.chain.assign(value.data(), strnlen(value.data(), value.size()));
      }
      return true;
    });
  });
  if (!whole || !found) return std::nullopt;
  return verdict;
}

}  // namespace

ElementLayout LayoutOf(const ruleset::Set& set) {
  return {.key_length = KeyLength(set.key),
          .tree = set.interval && set.key.size() == 1,
          .metered = set.updated};
}

size_t EncodedBytes(const ruleset::Element& element, const ElementLayout& layout, bool with_value) {
  const size_t value = with_value ? ValueBytes(element) : 0;
  if (layout.tree) {
    return kHeader + KeyBytes(layout.key_length) + value +
           (EndOf(element, layout).has_value() ? EndBytes(layout) : 0);
  }
  return kHeader + KeyBytes(layout.key_length) * (IsInterval(element, layout) ? 2 : 1) + value;
}

char* EncodeElement(const ruleset::Element& element, const ElementLayout& layout, bool with_value,
                    char* to) {
  char* const begin = to;
  to += kHeader;
  const char* const key = element.key().data();
  to = PutKey(NFTA_SET_ELEM_KEY, key, layout.key_length, to);
  if (!layout.tree && IsInterval(element, layout)) {
    to = PutKey(NFTA_SET_ELEM_KEY_END, key + layout.key_length, layout.key_length, to);
  }
  if (with_value) to = PutValue(element, to);
  PutHeader(NFTA_LIST_ELEM | NLA_F_NESTED, static_cast<size_t>(to - begin) - kHeader, begin);
  if (const auto end = EndOf(element, layout)) to = PutEnd(*end, to);
  return to;
}

void ElementReader::Read(const nlmsghdr& message) {
  const bool read =
      message.nlmsg_len >= NLMSG_LENGTH(sizeof(nfgenmsg)) &&
      ForEachAttribute(
          AttributesOf(message, sizeof(nfgenmsg)), [&](int type, std::span<const char> list) {
            if (type != NFTA_SET_ELEM_LIST_ELEMENTS) return true;
            return ForEachAttribute(
                list, [&](int, std::span<const char> element) { return ReadElement(element); });
          });
  whole_ = whole_ && read;
}

bool ElementReader::ReadElement(std::span<const char> bytes) {
  absl::string_view first, last;
  std::optional<ruleset::Verdict> verdict;
  std::optional<absl::string_view> data;
  bool is_end = false;
  const bool whole = ForEachAttribute(bytes, [&](int type, std::span<const char> value) {
    switch (type) {
      case NFTA_SET_ELEM_KEY: return ReadKey(value, first);
      case NFTA_SET_ELEM_KEY_END: return ReadKey(value, last);
      case NFTA_SET_ELEM_DATA:
        verdict = ReadVerdict(value);
        return verdict.has_value() || ReadKey(value, data.emplace());
      case NFTA_SET_ELEM_FLAGS: {
        uint32_t flags = 0;
        if (value.size() != sizeof flags) return false;
        memcpy(&flags, value.data(), sizeof flags);
        is_end = ntohl(flags) == NFT_SET_ELEM_INTERVAL_END;
        return layout_.tree && (is_end || flags == 0);
      }
      case NFTA_SET_ELEM_PAD:
      case NFTA_SET_ELEM_TIMEOUT:
      case NFTA_SET_ELEM_EXPIRATION: return true;
      case NFTA_SET_ELEM_EXPR:
      case NFTA_SET_ELEM_EXPRESSIONS: return layout_.metered;
      default: return false;  // comments, which Firebreak never writes
    }
  });
  const ruleset::Bytes key = absl::StrCat(first, last);
  if (is_end) {
    ends_.insert(key);
  } else if (verdict.has_value()) {
    elements_.emplace_back(key, *verdict);
  } else if (data.has_value()) {
    elements_.emplace_back(key, *data);
  } else {
    elements_.emplace_back(key);
  }
  return whole;
}

// Each start belongs to the first end behind it. The last interval may have no end; it then extends
// to the largest key.
void ElementReader::JoinIntervals() {
  std::sort(elements_.begin(), elements_.end());
  for (size_t i = 0; i < elements_.size(); ++i) {
    const ruleset::Bytes first(elements_[i].key());
    const auto end = ends_.upper_bound(first);
    ruleset::Bytes last(first.size(), '\xff');
    if (end != ends_.end()) {
      last = Predecessor(*end);
      ends_.erase(end);
    } else if (i + 1 != elements_.size()) {
      whole_ = false;
    }
    const ruleset::Bytes key = first + last;
    if (const auto verdict = elements_[i].verdict()) {
      elements_[i] =
          ruleset::Element(key, ruleset::Verdict{verdict->code, std::string(verdict->chain)});
    } else if (const auto data = elements_[i].data()) {
      elements_[i] = ruleset::Element(key, ruleset::Bytes(*data));
    } else {
      elements_[i] = ruleset::Element(key);
    }
  }
  // nft(8) writes an interval end in front of all elements.
  ends_.erase(ruleset::Bytes(layout_.key_length, '\0'));
  whole_ = whole_ && ends_.empty();
}

bool ElementReader::Finish(std::vector<ruleset::Element>& elements) && {
  if (layout_.tree) {
    JoinIntervals();
  } else {
    std::sort(elements_.begin(), elements_.end());
  }
  elements = std::move(elements_);
  return whole_;
}

}  // namespace firebreak::agent
