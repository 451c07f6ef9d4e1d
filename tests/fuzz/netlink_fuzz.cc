// SPDX-License-Identifier: Apache-2.0

// Netlink messages other than rulesets: interfaces, flows, and changes made by others.

#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>

#include <map>
#include <utility>

#include "agent/kernel/conntrack/flow.h"
#include "agent/kernel/links/link_messages.h"
#include "agent/kernel/links/loss_reader.h"
#include "agent/kernel/nftables/ruleset_events.h"
#include "tests/fuzz/netlink_message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace firebreak;
  std::map<uint32_t, agent::Link> links;
  agent::LossReader losses;
  agent::ForeignChangesReader changes(/*own=*/1);
  fuzz::ForEachPart(data, size, [&](uint16_t choice, std::span<const uint8_t> payload) {
    const auto kind = static_cast<uint16_t>(choice >> 8);
    switch (choice % 8) {
      case 0: agent::ReadLink(fuzz::NetlinkMessage(RTM_NEWLINK, payload).header(), links); break;
      case 1: agent::ReadAddress(fuzz::NetlinkMessage(RTM_NEWADDR, payload).header(), links); break;
      case 2:
        agent::ReadFlow(
            fuzz::NetlinkMessage(static_cast<uint16_t>(NFNL_SUBSYS_CTNETLINK << 8), payload)
                .header());
        break;
      case 3: {
        fuzz::NetlinkMessage event(static_cast<uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | kind % 32),
                                   payload);
        event.header().nlmsg_pid = 2;
        changes.Take(event.header());
        break;
      }
      case 4: {
        constexpr uint16_t kTypes[] = {RTM_NEWLINK, RTM_DELLINK, RTM_DELADDR};
        losses.Hear(fuzz::NetlinkMessage(kTypes[kind % 3], payload).header());
        break;
      }
      case 5: losses.Take(); break;
    }
  });
  const agent::ForeignChanges found = std::move(changes).Finish();
  for (const std::string& changed : found.changed) {
    for (const char byte : changed) {
      if (byte < ' ' || byte > '~') __builtin_trap();  // the byte goes into a message and a log
    }
  }
  return 0;
}
