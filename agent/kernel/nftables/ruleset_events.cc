// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/nftables/ruleset_events.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include <algorithm>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status/status.h"
#include "policy/ruleset/ruleset.h"

namespace firebreak::agent {
namespace {

constexpr int kMaxDatagrams = 1024;

// For every kind of object the attribute with this number holds the table's name.
constexpr uint16_t kTableAttribute = 1;
static_assert(NFTA_TABLE_NAME == kTableAttribute && NFTA_CHAIN_TABLE == kTableAttribute &&
              NFTA_RULE_TABLE == kTableAttribute && NFTA_SET_TABLE == kTableAttribute &&
              NFTA_SET_ELEM_LIST_TABLE == kTableAttribute && NFTA_OBJ_TABLE == kTableAttribute &&
              NFTA_FLOWTABLE_TABLE == kTableAttribute);

// The kind of object that a message is about, by the message type without the subsystem.
struct Kind {
  uint16_t added, deleted;
  const char* what;
  uint16_t name;        // the attribute with the object's name, or with the name of its container
  const char* in = "";  // "chain ": the object has no name of its own
};

constexpr Kind kKinds[] = {
    {NFT_MSG_NEWTABLE, NFT_MSG_DELTABLE, "table", 0},
    {NFT_MSG_NEWCHAIN, NFT_MSG_DELCHAIN, "chain", NFTA_CHAIN_NAME},
    {NFT_MSG_NEWRULE, NFT_MSG_DELRULE, "rule", NFTA_RULE_CHAIN, "chain "},
    {NFT_MSG_NEWSET, NFT_MSG_DELSET, "set", NFTA_SET_NAME},
    {NFT_MSG_NEWSETELEM, NFT_MSG_DELSETELEM, "element", NFTA_SET_ELEM_LIST_SET, "set "},
    {NFT_MSG_NEWOBJ, NFT_MSG_DELOBJ, "object", NFTA_OBJ_NAME},
    {NFT_MSG_NEWFLOWTABLE, NFT_MSG_DELFLOWTABLE, "flowtable", NFTA_FLOWTABLE_NAME},
};

std::string Text(const nlattr& attribute) {
  const auto* text = static_cast<const char*>(mnl_attr_get_payload(&attribute));
  return std::string(text, strnlen(text, mnl_attr_get_payload_len(&attribute)));
}

// Holds the first few attributes; later ones are not needed.
struct Attributes {
  const nlattr* at[8] = {};

  explicit Attributes(const nlmsghdr& message) {
    mnl_attr_parse(
        &message, sizeof(nfgenmsg),
        [](const nlattr* attribute, void* data) {
          const uint16_t type = mnl_attr_get_type(attribute);
          auto& attributes = *static_cast<Attributes*>(data);
          if (type < std::size(attributes.at)) attributes.at[type] = attribute;
          return MNL_CB_OK;
        },
        this);
  }
};

bool IsTable(const std::string& changed) { return absl::StartsWith(changed, "table "); }

std::string Describe(uint16_t type, uint8_t family, const Attributes& attributes) {
  for (const Kind& kind : kKinds) {
    if (type != kind.added && type != kind.deleted) continue;
    const char* verb = type == kind.added ? "added" : "deleted";
    if (kind.name == 0) {
      return absl::StrCat(kind.what, family == ruleset::kInet ? " inet " : " netdev ",
                          ruleset::kTableName, " ", verb);
    }
    const nlattr* attribute = attributes.at[kind.name];
    const std::string name = attribute == nullptr ? "?" : absl::CEscape(Text(*attribute));
    if (*kind.in == '\0') return absl::StrCat(kind.what, " ", name, " ", verb);
    return absl::StrCat(kind.what, " ", verb, type == kind.added ? " to " : " from ", kind.in,
                        name);
  }
  return "something of an unknown kind";
}

}  // namespace

void ForeignChangesReader::Note(std::string changed) {
  if (!open_) ++changes_.transactions;
  open_ = true;
  std::vector<std::string>& all = changes_.changed;
  // Objects of the table were created or removed with it, so they are not listed.
  if (IsTable(changed)) std::erase_if(all, [](const std::string& one) { return !IsTable(one); });
  if (all.size() == ForeignChanges::kMaxChanged ||
      std::find(all.begin(), all.end(), changed) != all.end()) {
    return;
  }
  all.push_back(std::move(changed));
}

void ForeignChangesReader::Take(const nlmsghdr& message) {
  if (message.nlmsg_len < NLMSG_LENGTH(sizeof(nfgenmsg)) || message.nlmsg_pid == own_ ||
      message.nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES) {
    return;
  }
  const auto& family = *static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(&message));
  const auto type = static_cast<uint16_t>(message.nlmsg_type & 0xff);
  const Attributes attributes(message);
  if (type == NFT_MSG_NEWGEN) {
    if (!std::exchange(open_, false)) return;
    const nlattr* pid = attributes.at[NFTA_GEN_PROC_PID];
    const nlattr* name = attributes.at[NFTA_GEN_PROC_NAME];
    const bool has_pid = pid != nullptr && mnl_attr_get_payload_len(pid) == sizeof(uint32_t);
    changes_.pid = has_pid ? ntohl(mnl_attr_get_u32(pid)) : 0;
    changes_.program = name == nullptr ? "" : absl::CEscape(Text(*name));
    return;
  }
  const nlattr* table = attributes.at[kTableAttribute];
  const bool ours =
      (family.nfgen_family == ruleset::kInet || family.nfgen_family == ruleset::kNetdev) &&
      table != nullptr && Text(*table) == ruleset::kTableName;
  if (!ours) {
    changes_.elsewhere = true;
  } else if (message.nlmsg_pid == 0) {
    changes_.by_kernel = true;
  } else {
    Note(Describe(type, family.nfgen_family, attributes));
  }
}

void ForeignChangesReader::TakeLoss() {
  Note("more than the kernel could report");
  changes_.elsewhere = true;
}

ForeignChanges ForeignChangesReader::Finish() && { return std::move(changes_); }

absl::StatusOr<RulesetEvents> RulesetEvents::Open() {
  static constexpr uint32_t kGroups[] = {NFNLGRP_NFTABLES};
  ASSIGN_OR_RETURN(NetlinkSocket socket, NetlinkSocket::Open(NETLINK_NETFILTER, kGroups));
  return RulesetEvents(std::move(socket));
}

void RulesetEvents::StopListening() { socket_.Leave(NFNLGRP_NFTABLES); }

absl::Status RulesetEvents::Listen() { return socket_.Join(NFNLGRP_NFTABLES); }

ForeignChanges RulesetEvents::Drain(uint32_t own) {
  ForeignChangesReader reader(own);
  for (int i = 0; i < kMaxDatagrams; ++i) {
    const absl::Status status =
        socket_.Receive(/*wait=*/false, [&](const nlmsghdr& message) { reader.Take(message); });
    if (status.ok()) continue;
    if (absl::IsUnavailable(status)) break;
    reader.TakeLoss();
    if (!absl::IsDataLoss(status)) break;
  }
  return std::move(reader).Finish();
}

}  // namespace firebreak::agent
