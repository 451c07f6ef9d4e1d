// Replies of nf_tables: a table is read from any messages, and printed, hashed and compared.

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <setjmp.h>
#include <unistd.h>

#include <algorithm>

#include "agent/kernel/nftables/batch.h"
#include "agent/kernel/nftables/elements.h"
#include "agent/kernel/nftables/refusal.h"
#include "agent/kernel/nftables/table_messages.h"
#include "policy/ruleset/difference.h"
#include "policy/ruleset/digest.h"
#include "policy/ruleset/print.h"
#include "tests/fuzz/netlink_message.h"

namespace firebreak::agent {
namespace {

void Read(uint16_t choice, std::span<const uint8_t> payload, ruleset::Table& table) {
  static constexpr struct {
    int type;
    void (*read)(const nlmsghdr&, ruleset::Table&);
  } kReaders[] = {{NFT_MSG_NEWCHAIN, ReadChainMessage},
                  {NFT_MSG_NEWRULE, ReadRuleMessage},
                  {NFT_MSG_NEWSET, ReadSetMessage},
                  {NFT_MSG_NEWOBJ, ReadObjectMessage},
                  {NFT_MSG_NEWFLOWTABLE, ReadFlowtableMessage}};
  const auto message = [&](int type) {
    return fuzz::NetlinkMessage(static_cast<uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type), payload);
  };
  const size_t which = choice % 7;
  if (which < 5) {
    kReaders[which].read(message(kReaders[which].type).header(), table);
  } else if (which == 5) {
    for (auto& [name, set] : table.sets) {
      if (!DecodeElements(message(NFT_MSG_NEWSETELEM).header(), set.elements)) set.key.clear();
      std::sort(set.elements.begin(), set.elements.end());
      break;
    }
  } else {
    fuzz::NetlinkMessage error(NLMSG_ERROR, payload);
    error.header().nlmsg_flags = choice;
    ReadRefusal(error.header());
  }
}

}  // namespace
}  // namespace firebreak::agent

// libnftnl ends the program when an attribute has not the size that the kernel's ABI gives it. Here
// it only ends the input; what it has allocated until then is lost.
namespace {
jmp_buf end_of_input;
bool in_input = false;
}  // namespace
extern "C" void exit(int status) noexcept {
  if (!in_input) _exit(status);
  in_input = false;
  longjmp(end_of_input, 1);
}
extern "C" int __lsan_is_turned_off() { return 1; }

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace firebreak;
  ruleset::Ruleset ruleset;
  ruleset.inet.emplace();
  in_input = true;
  if (setjmp(end_of_input) != 0) return 0;
  fuzz::ForEachPart(data, size, [&](uint16_t choice, std::span<const uint8_t> payload) {
    agent::Read(choice, payload, *ruleset.inet);
  });
  in_input = false;
  ruleset::Print(ruleset, true);
  ruleset::Digest(ruleset);
  // From whatever is found, the agent must get to what it wants: here to nothing.
  ruleset::Difference(ruleset, {});
  return 0;
}
