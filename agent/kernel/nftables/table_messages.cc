// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/nftables/table_messages.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include <string>
#include <utility>

#include "agent/kernel/nftables/named_objects.h"
#include "agent/kernel/nftables/objects.h"

namespace firebreak::agent {

using ruleset::Table;

bool IsOurTable(const char* table) {
  return table != nullptr && strcmp(table, ruleset::kTableName) == 0;
}

// libnftnl fails on messages with features that it does not know, but has parsed the table's name
// by then. An object of our tables that cannot be read must not be overlooked.

void ReadChainMessage(const nlmsghdr& message, Table& table) {
  NftnlChain chain(nftnl_chain_alloc());
  const bool known = nftnl_chain_nlmsg_parse(&message, chain.get()) == 0;
  if (!IsOurTable(nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_TABLE))) return;
  // A chain bound to the rule that jumps to it (`jump { … }`) has no name of its own.
  const bool bound = (nftnl_chain_get_u32(chain.get(), NFTNL_CHAIN_FLAGS) & NFT_CHAIN_BINDING) != 0;
  const char* name = nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_NAME);
  if (!known || bound || name == nullptr) table.foreign = true;
  if (!known || name == nullptr) return;
  table.chains[name] = ReadChain(*chain);
}

void ReadRuleMessage(const nlmsghdr& message, Table& table) {
  NftnlRule rule(nftnl_rule_alloc());
  const bool known = nftnl_rule_nlmsg_parse(&message, rule.get()) == 0;
  if (!IsOurTable(nftnl_rule_get_str(rule.get(), NFTNL_RULE_TABLE))) return;
  const char* chain = nftnl_rule_get_str(rule.get(), NFTNL_RULE_CHAIN);
  if (!known || chain == nullptr) {
    table.foreign = true;
    return;
  }
  table.chains[chain].rules.push_back(ReadRule(*rule));
}

void ReadSetMessage(const nlmsghdr& message, Table& table) {
  NftnlSet set(nftnl_set_alloc());
  const bool known = nftnl_set_nlmsg_parse(&message, set.get()) == 0;
  if (!IsOurTable(nftnl_set_get_str(set.get(), NFTNL_SET_TABLE))) return;
  // An anonymous set (`tcp dport { … }`) can only be removed with the rule that it belongs to.
  const bool anonymous = (nftnl_set_get_u32(set.get(), NFTNL_SET_FLAGS) & NFT_SET_ANONYMOUS) != 0;
  const char* name = nftnl_set_get_str(set.get(), NFTNL_SET_NAME);
  if (!known || anonymous || name == nullptr) table.foreign = true;
  if (!known || name == nullptr) return;
  table.sets[name] = ReadSet(*set);
}

void ReadObjectMessage(const nlmsghdr& message, Table& table) {
  NamedObject named = ReadObject(message);
  if (!IsOurTable(named.table.c_str())) return;
  if (!named.object.has_value()) {
    table.foreign = true;
    return;
  }
  table.objects[std::move(named.name)] = *std::move(named.object);
}

// Firebreak creates no flowtables.
void ReadFlowtableMessage(const nlmsghdr& message, Table& table) {
  mnl_attr_parse(
      &message, sizeof(nfgenmsg),
      [](const nlattr* attribute, void* data) {
        const char* name = static_cast<const char*>(mnl_attr_get_payload(attribute));
        const std::string text(name, strnlen(name, mnl_attr_get_payload_len(attribute)));
        if (mnl_attr_get_type(attribute) == NFTA_FLOWTABLE_TABLE && IsOurTable(text.c_str())) {
          static_cast<Table*>(data)->foreign = true;
        }
        return MNL_CB_OK;
      },
      &table);
}

}  // namespace firebreak::agent
