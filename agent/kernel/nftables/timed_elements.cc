// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/nftables/timed_elements.h"

#include <arpa/inet.h>
#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <string.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <utility>

#include "agent/kernel/netlink/attributes.h"

namespace firebreak::agent {
namespace {

// A batch consists of two empty messages and at most two messages with names and one short key.
constexpr size_t kBatchBytes = 2048;

class BatchWriter {
 public:
  BatchWriter() : bytes_(kBatchBytes) { AppendControl(NFNL_MSG_BATCH_BEGIN); }

  void Append(int message, uint16_t flags, const StateSet& set,
              const std::function<void(nlmsghdr*)>& fill) {
    nlmsghdr* header = Header(static_cast<uint16_t>((NFNL_SUBSYS_NFTABLES << 8) | message),
                              static_cast<uint16_t>(NLM_F_ACK | flags), set.family, 0);
    mnl_attr_put_strz(header, NFTA_SET_ELEM_LIST_TABLE, ruleset::kTableName);
    mnl_attr_put_strz(header, NFTA_SET_ELEM_LIST_SET, set.name.c_str());
    fill(header);
    used_ += header->nlmsg_len;
  }

  std::vector<char> Finish() && {
    AppendControl(NFNL_MSG_BATCH_END);
    bytes_.resize(used_);
    return std::move(bytes_);
  }

 private:
  void AppendControl(uint16_t type) {
    used_ += Header(type, 0, NFPROTO_UNSPEC, NFNL_SUBSYS_NFTABLES)->nlmsg_len;
  }

  nlmsghdr* Header(uint16_t type, uint16_t flags, uint8_t family, uint16_t resource) {
    nlmsghdr* header = mnl_nlmsg_put_header(bytes_.data() + used_);
    header->nlmsg_type = type;
    header->nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
    header->nlmsg_seq = kTimedSequence;
    auto* extra = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(nfgenmsg)));
    extra->nfgen_family = family;
    extra->version = NFNETLINK_V0;
    extra->res_id = htons(resource);
    return header;
  }

  std::vector<char> bytes_;
  size_t used_ = 0;
};

void PutElement(nlmsghdr* header, const ruleset::Bytes& key,
                std::optional<std::chrono::milliseconds> timeout) {
  nlattr* list = mnl_attr_nest_start(header, NFTA_SET_ELEM_LIST_ELEMENTS);
  nlattr* element = mnl_attr_nest_start(header, NFTA_LIST_ELEM);
  nlattr* wrapped = mnl_attr_nest_start(header, NFTA_SET_ELEM_KEY);
  mnl_attr_put(header, NFTA_DATA_VALUE, key.size(), key.data());
  mnl_attr_nest_end(header, wrapped);
  if (timeout.has_value()) {
    mnl_attr_put_u64(header, NFTA_SET_ELEM_TIMEOUT,
                     htobe64(static_cast<uint64_t>(timeout->count())));
  }
  mnl_attr_nest_end(header, element);
  mnl_attr_nest_end(header, list);
}

bool Decode(std::span<const char> bytes, TimedElement& element) {
  return ForEachAttribute(bytes, [&](int type, std::span<const char> value) {
    switch (type) {
      case NFTA_SET_ELEM_KEY:
        return ForEachAttribute(value, [&](int kind, std::span<const char> key) {
          if (kind == NFTA_DATA_VALUE) element.key.assign(key.data(), key.size());
          return true;
        });
      case NFTA_SET_ELEM_EXPIRATION: {
        uint64_t left;
        if (value.size() != sizeof left) return false;
        memcpy(&left, value.data(), sizeof left);
        element.left = std::chrono::milliseconds(be64toh(left));
        return true;
      }
      case NFTA_SET_ELEM_PAD:
      case NFTA_SET_ELEM_TIMEOUT: return true;
      default: return false;
    }
  });
}

}  // namespace

std::vector<StateSet> StateSetsOf(const ruleset::Ruleset& ruleset) {
  std::vector<StateSet> result;
  const auto add = [&](const std::optional<ruleset::Table>& table, uint8_t family) {
    if (!table.has_value()) return;
    for (const auto& [name, set] : table->sets) {
      if (set.dynamic && !set.updated) result.push_back({family, name});
    }
  };
  add(ruleset.inet, ruleset::kInet);
  add(ruleset.netdev, ruleset::kNetdev);
  return result;
}

std::vector<char> PutElementBatch(const StateSet& set, const ruleset::Bytes& key,
                                  std::chrono::milliseconds timeout, bool replaced) {
  BatchWriter batch;
  if (replaced) {
    batch.Append(NFT_MSG_DELSETELEM, 0, set,
                 [&](nlmsghdr* header) { PutElement(header, key, std::nullopt); });
  }
  batch.Append(NFT_MSG_NEWSETELEM, NLM_F_CREATE, set,
               [&](nlmsghdr* header) { PutElement(header, key, timeout); });
  return std::move(batch).Finish();
}

std::vector<char> DeleteElementBatch(const StateSet& set, const ruleset::Bytes& key) {
  BatchWriter batch;
  batch.Append(NFT_MSG_DELSETELEM, 0, set,
               [&](nlmsghdr* header) { PutElement(header, key, std::nullopt); });
  return std::move(batch).Finish();
}

std::vector<char> FlushBatch(const StateSet& set) {
  BatchWriter batch;
  batch.Append(NFT_MSG_DELSETELEM, 0, set, [](nlmsghdr*) {});
  return std::move(batch).Finish();
}

bool DecodeTimedElements(const nlmsghdr& message, std::vector<TimedElement>& elements) {
  return ForEachAttribute(AttributesOf(message, sizeof(nfgenmsg)),
                          [&](int type, std::span<const char> list) {
                            if (type != NFTA_SET_ELEM_LIST_ELEMENTS) return true;
                            return ForEachAttribute(list, [&](int, std::span<const char> element) {
                              return Decode(element, elements.emplace_back());
                            });
                          });
}

}  // namespace firebreak::agent
