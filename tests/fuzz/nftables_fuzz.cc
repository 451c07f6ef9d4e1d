// SPDX-License-Identifier: Apache-2.0

// Replies of nf_tables: elements, named objects and errors are parsed from any messages, and the
// results are printed, hashed and compared. Chains, rules and sets are not fuzzed: libnftnl parses
// those and trusts the kernel; it ends the program if an attribute does not have the form of the
// kernel's ABI.

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>

#include "agent/kernel/nftables/elements.h"
#include "agent/kernel/nftables/refusal.h"
#include "agent/kernel/nftables/table_messages.h"
#include "policy/ruleset/difference.h"
#include "policy/ruleset/digest.h"
#include "policy/ruleset/print.h"
#include "tests/fuzz/netlink_message.h"

namespace firebreak::agent {
namespace {

fuzz::NetlinkMessage Message(int type, std::span<const uint8_t> payload) {
  return fuzz::NetlinkMessage(static_cast<uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type), payload);
}

void ReadElements(std::span<const uint8_t> payload, bool interval, ruleset::Set& set,
                  std::vector<ruleset::Field> key = {ruleset::Field::kIpv4Address}) {
  set.interval = interval;
  if (set.key.empty()) set.key = std::move(key);
  ElementReader reader(LayoutOf(set));
  reader.Read(Message(NFT_MSG_NEWSETELEM, payload).header());
  if (!std::move(reader).Finish(set.elements)) set.elements.clear();
  // The kernel guarantees that elements are as long as the set's definition says, so others are
  // dropped.
  std::erase_if(set.elements, [&](const ruleset::Element& element) {
    return element.key().size() != ruleset::KeyLength(set.key) * (interval ? 2 : 1);
  });
  std::sort(set.elements.begin(), set.elements.end());
}

void Read(uint16_t choice, std::span<const uint8_t> payload, ruleset::Table& table) {
  switch (choice % 8) {
    case 3: return ReadObjectMessage(Message(NFT_MSG_NEWOBJ, payload).header(), table);
    case 4: return ReadFlowtableMessage(Message(NFT_MSG_NEWFLOWTABLE, payload).header(), table);
    case 5: return ReadElements(payload, false, table.sets["single"]);
    case 6: return ReadElements(payload, true, table.sets["intervals"]);
    case 7:
      return ReadElements(payload, true, table.sets["boxes"],
                          {ruleset::Field::kPort, ruleset::Field::kIpv4Address});
    default: {
      fuzz::NetlinkMessage error(NLMSG_ERROR, payload);
      error.header().nlmsg_flags = choice;
      ReadRefusal(error.header());
    }
  }
}

}  // namespace
}  // namespace firebreak::agent

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace firebreak;
  ruleset::Ruleset ruleset;
  ruleset.inet.emplace();
  fuzz::ForEachPart(data, size, [&](uint16_t choice, std::span<const uint8_t> payload) {
    agent::Read(choice, payload, *ruleset.inet);
  });
  ruleset::Print(ruleset, true);
  ruleset::Digest(ruleset);
  // Whatever the kernel has, the agent must be able to turn it into what it wants, here into
  // nothing.
  ruleset::Difference(ruleset, {});
  return 0;
}
