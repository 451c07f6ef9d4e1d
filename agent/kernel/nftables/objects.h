// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_NFTABLES_OBJECTS_H_
#define FIREBREAK_AGENT_KERNEL_NFTABLES_OBJECTS_H_

#include <stdio.h>  // libnftnl needs FILE

#include <libnftnl/chain.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>

#include <cstdint>
#include <memory>
#include <string>

#include "policy/ruleset/ruleset.h"

namespace firebreak::agent {

// Owning pointers to libnftnl's objects.
template <auto Free>
struct NftnlDelete {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using NftnlTable = std::unique_ptr<nftnl_table, NftnlDelete<&nftnl_table_free>>;
using NftnlChain = std::unique_ptr<nftnl_chain, NftnlDelete<&nftnl_chain_free>>;
using NftnlRule = std::unique_ptr<nftnl_rule, NftnlDelete<&nftnl_rule_free>>;
using NftnlSet = std::unique_ptr<nftnl_set, NftnlDelete<&nftnl_set_free>>;

// Convert our values to libnftnl objects of Firebreak's table, ready to be put into a message,
// whose header names the family.
NftnlTable MakeTable();
NftnlChain MakeChain(const std::string& name, const ruleset::Chain* definition);
NftnlRule MakeRule(const std::string& chain, const ruleset::Rule* rule);
NftnlSet MakeSet(const std::string& name, const ruleset::Set* definition, uint32_t id);

// Convert libnftnl objects back. Parts that Firebreak never writes become ruleset::Foreign.
ruleset::Rule ReadRule(const nftnl_rule& rule);
ruleset::Chain ReadChain(const nftnl_chain& chain);
ruleset::Set ReadSet(const nftnl_set& set);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_OBJECTS_H_
