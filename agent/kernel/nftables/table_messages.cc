#include "agent/kernel/nftables/table_messages.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include <utility>

#include "agent/kernel/nftables/named_objects.h"
#include "agent/kernel/nftables/objects.h"

namespace firebreak::agent {

using ruleset::Table;

bool IsOurTable(const char* table) {
  return table != nullptr && strcmp(table, ruleset::kTableName) == 0;
}

// libnftnl gives up on what it is too old to know, but has the table's name by then. What cannot be
// read must not be overlooked.

void ReadChainMessage(const nlmsghdr& message, Table& table) {
  NftnlChain chain(nftnl_chain_alloc());
  const bool known = nftnl_chain_nlmsg_parse(&message, chain.get()) == 0;
  if (!IsOurTable(nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_TABLE))) return;
  // Bound to a rule that jumps to it (`jump { … }`), it has no name of its own.
  const bool bound = (nftnl_chain_get_u32(chain.get(), NFTNL_CHAIN_FLAGS) & NFT_CHAIN_BINDING) != 0;
  if (!known || bound) table.foreign = true;
  if (!known) return;
  table.chains[nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_NAME)] = ReadChain(*chain);
}

void ReadRuleMessage(const nlmsghdr& message, Table& table) {
  NftnlRule rule(nftnl_rule_alloc());
  const bool known = nftnl_rule_nlmsg_parse(&message, rule.get()) == 0;
  if (!IsOurTable(nftnl_rule_get_str(rule.get(), NFTNL_RULE_TABLE))) return;
  if (!known) {
    table.foreign = true;
    return;
  }
  table.chains[nftnl_rule_get_str(rule.get(), NFTNL_RULE_CHAIN)].rules.push_back(ReadRule(*rule));
}

void ReadSetMessage(const nlmsghdr& message, Table& table) {
  NftnlSet set(nftnl_set_alloc());
  const bool known = nftnl_set_nlmsg_parse(&message, set.get()) == 0;
  if (!IsOurTable(nftnl_set_get_str(set.get(), NFTNL_SET_TABLE))) return;
  // An anonymous one (`tcp dport { … }`) goes with the rule that it stands in, and only so.
  const bool anonymous = (nftnl_set_get_u32(set.get(), NFTNL_SET_FLAGS) & NFT_SET_ANONYMOUS) != 0;
  if (!known || anonymous) table.foreign = true;
  if (!known) return;
  table.sets[nftnl_set_get_str(set.get(), NFTNL_SET_NAME)] = ReadSet(*set);
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

// We make none.
void ReadFlowtableMessage(const nlmsghdr& message, Table& table) {
  mnl_attr_parse(
      &message, sizeof(nfgenmsg),
      [](const nlattr* attribute, void* data) {
        if (mnl_attr_get_type(attribute) == NFTA_FLOWTABLE_TABLE &&
            IsOurTable(mnl_attr_get_str(attribute))) {
          static_cast<Table*>(data)->foreign = true;
        }
        return MNL_CB_OK;
      },
      &table);
}

}  // namespace firebreak::agent
