#include "agent/kernel/nftables/ruleset_events.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "policy/ruleset/ruleset.h"

namespace firebreak::agent {
namespace {

// Every kind of object has the name of its table in the attribute of this number.
constexpr uint16_t kTableAttribute = 1;
static_assert(NFTA_TABLE_NAME == kTableAttribute && NFTA_CHAIN_TABLE == kTableAttribute &&
              NFTA_RULE_TABLE == kTableAttribute && NFTA_SET_TABLE == kTableAttribute &&
              NFTA_SET_ELEM_LIST_TABLE == kTableAttribute && NFTA_OBJ_TABLE == kTableAttribute &&
              NFTA_FLOWTABLE_TABLE == kTableAttribute);

int IsOurTable(const nlattr* attribute, void* found) {
  if (mnl_attr_get_type(attribute) == kTableAttribute) {
    const auto* name = static_cast<const char*>(mnl_attr_get_payload(attribute));
    const size_t length = strnlen(name, mnl_attr_get_payload_len(attribute));
    *static_cast<bool*>(found) =
        length == strlen(ruleset::kTableName) && memcmp(name, ruleset::kTableName, length) == 0;
  }
  return MNL_CB_OK;
}

bool IsAboutOurTable(const nlmsghdr& message) {
  if (message.nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN) ||
      message.nlmsg_len < NLMSG_LENGTH(sizeof(nfgenmsg))) {
    return false;
  }
  const auto& family = *static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(&message));
  bool found = false;
  mnl_attr_parse(&message, sizeof(nfgenmsg), IsOurTable, &found);
  return found &&
         (family.nfgen_family == ruleset::kInet || family.nfgen_family == ruleset::kNetdev);
}

}  // namespace

absl::StatusOr<RulesetEvents> RulesetEvents::Open() {
  static constexpr uint32_t kGroups[] = {NFNLGRP_NFTABLES};
  absl::StatusOr<NetlinkSocket> socket = NetlinkSocket::Open(NETLINK_NETFILTER, kGroups);
  if (!socket.ok()) return socket.status();
  return RulesetEvents(*std::move(socket));
}

bool RulesetEvents::Drain(uint32_t own) {
  bool changed = false;
  while (true) {
    const absl::Status status = socket_.Receive(/*wait=*/false, [&](const nlmsghdr& message) {
      changed = changed || (message.nlmsg_pid != own && IsAboutOurTable(message));
    });
    if (absl::IsUnavailable(status)) return changed;
    if (status.ok()) continue;
    changed = true;
    if (!absl::IsDataLoss(status)) return changed;
  }
}

}  // namespace firebreak::agent
