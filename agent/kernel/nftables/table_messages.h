// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_NFTABLES_TABLE_MESSAGES_H_
#define FIREBREAK_AGENT_KERNEL_NFTABLES_TABLE_MESSAGES_H_

#include "policy/ruleset/ruleset.h"

struct nlmsghdr;

namespace firebreak::agent {

// Whether a table's name, which may be null, is that of a Firebreak table.
bool IsOurTable(const char* name);

// Each function adds the content of one message of a dump to the table, if the message is about one
// of Firebreak's tables. Content that Firebreak never writes makes the table foreign. NEWCHAIN,
// NEWRULE, NEWSET, NEWOBJ, NEWFLOWTABLE.
void ReadChainMessage(const nlmsghdr& message, ruleset::Table& table);
void ReadRuleMessage(const nlmsghdr& message, ruleset::Table& table);
void ReadSetMessage(const nlmsghdr& message, ruleset::Table& table);
void ReadObjectMessage(const nlmsghdr& message, ruleset::Table& table);
void ReadFlowtableMessage(const nlmsghdr& message, ruleset::Table& table);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_TABLE_MESSAGES_H_
