// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/nflog/packet.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "absl/strings/escaping.h"
#include "agent/kernel/nflog/message.h"

namespace firebreak::agent {
namespace {

Record Read(const std::string& hex) {
  Record record;
  const std::string bytes = absl::HexStringToBytes(hex);
  ReadPacket(bytes, record);
  return record;
}

constexpr char kTcpSyn[] =
    "4500003c1c4640004006b1e6c0000201c0000202"  // IPv4: 60 bytes, TCP, 192.0.2.1 > 192.0.2.2
    "9c4000160102030400000000a002faf000000000"  // 40000 > 22, S, window 64240
    "020405b40402080a000000000000000001030307";

TEST(Packet, TellsEveryFieldOfTcp) {
  const Record record = Read(kTcpSyn);
  EXPECT_EQ(record.family, 4);
  EXPECT_EQ(record.protocol, 6);
  EXPECT_EQ(record.source.low, 0xc0000201);
  EXPECT_EQ(record.destination.low, 0xc0000202);
  EXPECT_EQ(record.size, 60);
  EXPECT_EQ(record.source_port, 40000);
  EXPECT_EQ(record.destination_port, 22);
  EXPECT_EQ(record.tcp_flags, 0x02);
  EXPECT_EQ(record.tcp_sequence, 0x01020304);
  EXPECT_EQ(record.tcp_window, 64240);
  EXPECT_EQ(record.has, Record::kPorts | Record::kTcp | Record::kSize);
}

// The address of an Ethernet frame may begin like an IP header.
TEST(Packet, IsFoundInAFrameOfEthernetAndBehindItsTags) {
  const std::string packet = "45000073000040004011b861c0a80001c0a800c7";
  for (const char* address : {"450102030405", "600102030405", "020102030405"}) {
    for (const char* types : {"0800", "810000000800", "88a80000810000050800"}) {
      const std::string frame =
          absl::HexStringToBytes(address + std::string("020000000001") + types + packet);
      Record record;
      ReadPacket(BehindLink(frame), record);
      EXPECT_EQ(record.source.low, 0xc0a80001) << address << " " << types;
    }
  }
  Record record;
  const std::string bare = absl::HexStringToBytes(packet);
  ReadPacket(BehindLink(bare), record);
  EXPECT_EQ(record.destination.low, 0xc0a800c7) << "a link without headers";
  const std::string other =
      absl::HexStringToBytes("45010203040502000000000188b5" + packet + packet);
  Record none;
  ReadPacket(BehindLink(std::span(other).first(30)), none);
  EXPECT_EQ(none.source.low, 0) << "another protocol";
}

TEST(Packet, AFragmentThatIsNotTheFirstHasNoPorts) {
  std::string hex = kTcpSyn;
  hex.replace(12, 4, "0001");
  const Record record = Read(hex);
  EXPECT_EQ(record.protocol, 6);
  EXPECT_EQ(record.has, Record::kSize);
}

TEST(Packet, FindsIcmpv6BehindExtensionHeaders) {
  const Record record = Read(
      "6000000000180040"  // 24 bytes behind the header; next is hop-by-hop options
      "fe800000000000000000000000000001ff020000000000000000000000000001"
      "3c00050200000000"  // hop-by-hop options; next is destination options
      "3a00010400000000"  // destination options; next is ICMPv6
      "8000abcd00000000");
  EXPECT_EQ(record.family, 6);
  EXPECT_EQ(record.protocol, 58);
  EXPECT_EQ(record.size, 64);
  EXPECT_EQ(record.icmp_type, 128);
  EXPECT_EQ(record.icmp_code, 0);
  EXPECT_EQ(record.source.high, 0xfe80000000000000);
}

TEST(Packet, TheFragmentHeaderIsLookedInto) {
  const std::string header = "6000000000182c40" + std::string(64, '0');
  const std::string rest = "003500350010000000000000000000aa";
  EXPECT_EQ(Read(header + "1100000100000001" + rest).destination_port, 0x35);
  const Record later = Read(header + "1100000900000001" + rest);
  EXPECT_EQ(later.protocol, 17);
  EXPECT_EQ(later.has, Record::kSize);
}

TEST(Packet, NoTruncationAndNoDamageIsTooMuch) {
  std::mt19937 random(7);
  const std::string whole = absl::HexStringToBytes(kTcpSyn);
  for (size_t length = 0; length <= whole.size(); ++length) {
    const std::string cut = whole.substr(0, length);
    Record record;
    ReadPacket(cut, record);
    EXPECT_EQ(record.family, length >= 20 ? 4 : 0);
  }
  for (int i = 0; i < 10000; ++i) {
    std::string bytes(random() % 80, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    if (!bytes.empty()) bytes[0] = random() % 2 == 0 ? 0x45 : 0x60;
    Record record;
    ReadPacket(bytes, record);
    ReadLoggedPacket(bytes);
  }
}

}  // namespace
}  // namespace firebreak::agent
