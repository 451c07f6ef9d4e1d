#include "agent/kernel/nftables/elements.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include <utility>

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

size_t ChainBytes(const ruleset::Verdict& verdict) {
  return verdict.chain.empty() ? 0 : Aligned(kHeader + verdict.chain.size() + 1);
}

// A key is wrapped once: NFTA_SET_ELEM_KEY { NFTA_DATA_VALUE }.
size_t KeyBytes(size_t length) { return 2 * kHeader + Aligned(length); }

char* PutKey(uint16_t type, const char* key, size_t length, char* to) {
  to = PutHeader(type | NLA_F_NESTED, kHeader + Aligned(length), to);
  return PutBytes(NFTA_DATA_VALUE, key, length, to);
}

bool IsInterval(const ruleset::Element& element, size_t key_length) {
  return element.key.size() == 2 * key_length;
}

// NFTA_SET_ELEM_DATA { NFTA_DATA_VERDICT { CODE, CHAIN } }
size_t VerdictBytes(const ruleset::Verdict& verdict) {
  return 2 * kHeader + kHeader + sizeof(uint32_t) + ChainBytes(verdict);
}

char* PutVerdict(const ruleset::Verdict& verdict, char* to) {
  const uint32_t code = htonl(static_cast<uint32_t>(verdict.code));
  const size_t inside = kHeader + sizeof code + ChainBytes(verdict);
  to = PutHeader(NFTA_SET_ELEM_DATA | NLA_F_NESTED, kHeader + inside, to);
  to = PutHeader(NFTA_DATA_VERDICT | NLA_F_NESTED, inside, to);
  to = PutBytes(NFTA_VERDICT_CODE, &code, sizeof code, to);
  if (verdict.chain.empty()) return to;
  return PutBytes(NFTA_VERDICT_CHAIN, verdict.chain.c_str(), verdict.chain.size() + 1, to);
}

// Calls `each` for every attribute inside `outer`; false if one is cut short.
bool ForEach(std::span<const char> bytes, const auto& each) {
  while (bytes.size() >= kHeader) {
    nlattr header;
    memcpy(&header, bytes.data(), kHeader);
    if (header.nla_len < kHeader || header.nla_len > bytes.size()) return false;
    if (!each(header.nla_type & NLA_TYPE_MASK, bytes.subspan(kHeader, header.nla_len - kHeader))) {
      return false;
    }
    bytes = bytes.subspan(std::min(Aligned(header.nla_len), bytes.size()));
  }
  return true;
}

bool ReadKey(std::span<const char> nested, ruleset::Bytes& key) {
  return ForEach(nested, [&](int type, std::span<const char> value) {
    if (type == NFTA_DATA_VALUE) key.assign(value.data(), value.size());
    return true;
  });
}

bool ReadVerdict(std::span<const char> data, ruleset::Verdict& verdict) {
  bool found = false;
  const bool whole = ForEach(data, [&](int type, std::span<const char> nested) {
    if (type != NFTA_DATA_VERDICT) return true;
    return ForEach(nested, [&](int field, std::span<const char> value) {
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
  return whole && found;
}

bool ReadElement(std::span<const char> bytes, ruleset::Element& element) {
  ruleset::Bytes last;
  const bool whole = ForEach(bytes, [&](int type, std::span<const char> value) {
    switch (type) {
      case NFTA_SET_ELEM_KEY: return ReadKey(value, element.key);
      case NFTA_SET_ELEM_KEY_END: return ReadKey(value, last);
      case NFTA_SET_ELEM_DATA: return ReadVerdict(value, element.verdict.emplace());
      case NFTA_SET_ELEM_PAD:
      case NFTA_SET_ELEM_TIMEOUT:
      case NFTA_SET_ELEM_EXPIRATION: return true;
      default: return false;  // flags, expressions, comments: not ours
    }
  });
  element.key += last;
  return whole;
}

}  // namespace

size_t EncodedBytes(const ruleset::Element& element, size_t key_length, bool with_verdict) {
  return kHeader + KeyBytes(key_length) * (IsInterval(element, key_length) ? 2 : 1) +
         (with_verdict && element.verdict.has_value() ? VerdictBytes(*element.verdict) : 0);
}

char* EncodeElement(const ruleset::Element& element, size_t key_length, bool with_verdict,
                    char* to) {
  char* const begin = to;
  to += kHeader;
  const char* const key = element.key.data();
  to = PutKey(NFTA_SET_ELEM_KEY, key, key_length, to);
  if (IsInterval(element, key_length)) {
    to = PutKey(NFTA_SET_ELEM_KEY_END, key + key_length, key_length, to);
  }
  if (with_verdict && element.verdict.has_value()) to = PutVerdict(*element.verdict, to);
  PutHeader(NFTA_LIST_ELEM | NLA_F_NESTED, static_cast<size_t>(to - begin) - kHeader, begin);
  return to;
}

bool DecodeElements(const nlmsghdr& message, std::vector<ruleset::Element>& elements) {
  const size_t header = MNL_ALIGN(sizeof(nlmsghdr)) + MNL_ALIGN(sizeof(nfgenmsg));
  if (message.nlmsg_len < header) return false;
  const std::span<const char> bytes(reinterpret_cast<const char*>(&message), message.nlmsg_len);
  return ForEach(bytes.subspan(header), [&](int type, std::span<const char> list) {
    if (type != NFTA_SET_ELEM_LIST_ELEMENTS) return true;
    return ForEach(list, [&](int, std::span<const char> element) {
      return ReadElement(element, elements.emplace_back());
    });
  });
}

}  // namespace firebreak::agent
