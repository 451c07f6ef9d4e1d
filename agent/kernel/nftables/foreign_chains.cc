// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/nftables/foreign_chains.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/kernel/nftables/objects.h"
#include "policy/ruleset/ruleset.h"

namespace firebreak::agent {
namespace {

bool IsOurs(const ForeignChain& chain) {
  return chain.table == ruleset::kTableName &&
         (chain.family == ruleset::kInet || chain.family == ruleset::kNetdev);
}

// Returns nullopt if the message cannot be read.
std::optional<ForeignChain> Read(const nlmsghdr& message) {
  const NftnlChain chain(nftnl_chain_alloc());
  if (nftnl_chain_nlmsg_parse(&message, chain.get()) != 0) return std::nullopt;
  const char* table = nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_TABLE);
  const char* name = nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_NAME);
  if (table == nullptr || name == nullptr) return std::nullopt;
  ForeignChain foreign = {
      .family = static_cast<uint8_t>(nftnl_chain_get_u32(chain.get(), NFTNL_CHAIN_FAMILY)),
      .table = table,
      .name = name};
  const char* type = nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_TYPE);
  if (type != nullptr && nftnl_chain_is_set(chain.get(), NFTNL_CHAIN_HOOKNUM)) {
    foreign.type = type;
    foreign.hook = nftnl_chain_get_u32(chain.get(), NFTNL_CHAIN_HOOKNUM);
    foreign.drops = nftnl_chain_is_set(chain.get(), NFTNL_CHAIN_POLICY) &&
                    nftnl_chain_get_u32(chain.get(), NFTNL_CHAIN_POLICY) == NF_DROP;
  }
  return foreign;
}

class Request {
 public:
  Request(int message, uint8_t family)
      : header_(nftnl_nlmsg_build_hdr(
            buffer_, static_cast<uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | message), family, NLM_F_DUMP,
            /*seq=*/1)) {}
  void Put(uint16_t attribute, const std::string& name) {
    mnl_attr_put_strz(header_, attribute, name.c_str());
  }
  std::span<const char> bytes() const { return {buffer_, header_->nlmsg_len}; }

 private:
  alignas(nlmsghdr) char buffer_[1024];
  nlmsghdr* header_;
};

}  // namespace

absl::StatusOr<std::vector<ForeignChain>> ReadForeignChains(NetlinkSocket& socket) {
  std::vector<ForeignChain> chains;
  absl::Status status =
      socket.Dump(Request(NFT_MSG_GETCHAIN, NFPROTO_UNSPEC).bytes(), [&](const nlmsghdr& message) {
        std::optional<ForeignChain> chain = Read(message);
        if (chain.has_value() && !IsOurs(*chain)) chains.push_back(*std::move(chain));
      });
  // An incomplete dump is acceptable: the result is not a snapshot anyway.
  if (!status.ok() && !absl::IsAborted(status)) {
    return absl::Status(status.code(), absl::StrCat("read others' chains: ", status.message()));
  }
  for (ForeignChain& chain : chains) {
    if (!chain.IsBase()) continue;
    Request rules(NFT_MSG_GETRULE, chain.family);
    rules.Put(NFTA_RULE_TABLE, chain.table);
    rules.Put(NFTA_RULE_CHAIN, chain.name);
    // The error is ignored: the chain has been removed meanwhile.
    socket.Dump(rules.bytes(), [&](const nlmsghdr&) { chain.has_rules = true; }).IgnoreError();
  }
  return chains;
}

}  // namespace firebreak::agent
