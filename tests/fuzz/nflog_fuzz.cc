// SPDX-License-Identifier: Apache-2.0

// NFLOG's messages about packets, and the packets in them: whatever they contain, they must be
// parsed without harm.

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>

#include <string>
#include <vector>

#include "agent/kernel/netlink/attributes.h"
#include "agent/kernel/nflog/message.h"
#include "agent/kernel/nflog/packet.h"
#include "proto/log/parse_w3c.h"
#include "proto/log/w3c.h"
#include "tests/fuzz/netlink_message.h"

namespace firebreak::fuzz {
namespace {

void Fuzz(std::span<const uint8_t> payload) {
  NetlinkMessage message(NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET, payload);
  const auto packet =
      agent::ReadLoggedPacket(agent::AttributesOf(message.header(), sizeof(nfgenmsg)));
  if (!packet.has_value()) return;
  InternedStrings texts;
  Record record;
  record.time_micros = packet->time_micros.value_or(0);
  record.reason = texts.Intern(packet->prefix);
  agent::ReadPacket(packet->payload, record);
  std::string line;
  W3cWriter().Append(record, texts, line);
  // The record must become one line of printable ASCII that the parser accepts.
  if (line.find_first_of("\n") != line.size() - 1) __builtin_trap();
  line.pop_back();
  for (const char character : line) {
    if (character < 0x20 || character > 0x7e) __builtin_trap();
  }
  Record read;
  InternedStrings its;
  if (!ParseW3cLine(line, read, its)) __builtin_trap();
  std::string again;
  W3cWriter().Append(read, its, again);
  if (again != line + "\n") __builtin_trap();
}

}  // namespace
}  // namespace firebreak::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  firebreak::fuzz::Fuzz({data, size});
  // Parses a packet alone, in an allocation of exactly its length.
  const std::vector<char> packet(data, data + size);
  firebreak::Record record;
  firebreak::agent::ReadPacket(packet, record);
  return 0;
}
