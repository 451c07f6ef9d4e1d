#ifndef FIREBREAK_AGENT_KERNEL_NFTABLES_TABLE_MESSAGES_H_
#define FIREBREAK_AGENT_KERNEL_NFTABLES_TABLE_MESSAGES_H_

#include "policy/ruleset/ruleset.h"

struct nlmsghdr;

namespace firebreak::agent {

// Whether a table's name, which may be missing, is that of Firebreak's.
bool IsOurTable(const char* name);

// Each adds what a message of a dump says to the table, if it is about one of Firebreak's. What we
// never write makes the table foreign. NEWCHAIN, NEWRULE, NEWSET, NEWOBJ, NEWFLOWTABLE.
void ReadChainMessage(const nlmsghdr& message, ruleset::Table& table);
void ReadRuleMessage(const nlmsghdr& message, ruleset::Table& table);
void ReadSetMessage(const nlmsghdr& message, ruleset::Table& table);
void ReadObjectMessage(const nlmsghdr& message, ruleset::Table& table);
void ReadFlowtableMessage(const nlmsghdr& message, ruleset::Table& table);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_TABLE_MESSAGES_H_
