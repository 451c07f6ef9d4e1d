// SPDX-License-Identifier: Apache-2.0
#include "cli/input/packet.h"

#include <gtest/gtest.h>

namespace firebreak::cli {
namespace {

PacketOptions Ssh() {
  return {.in = "eth0", .protocol = "tcp", .from = "192.0.2.9", .to = "192.0.2.1:22"};
}

TEST(ParsePacketOptions, FillsInWhatIsNotSaid) {
  const auto question = ParsePacketOptions(Ssh());
  ASSERT_TRUE(question.ok()) << question.status();
  EXPECT_EQ(question->source(), std::string("\xc0\0\2\x09", 4));
  EXPECT_EQ(question->destination_port(), 22u);
  EXPECT_NE(question->source_port(), 0u);
  EXPECT_EQ(question->tcp_flags(), 0x02u);
}

TEST(ParsePacketOptions, ReadsAddressesOfBothFamilies) {
  PacketOptions options = Ssh();
  options.from = "[2001:db8::9]:5000";
  options.to = "[2001:db8::1]:22";
  options.flags = "SYN,ack";
  const auto question = ParsePacketOptions(options);
  ASSERT_TRUE(question.ok()) << question.status();
  EXPECT_EQ(question->source().size(), 16u);
  EXPECT_EQ(question->source_port(), 5000u);
  EXPECT_EQ(question->tcp_flags(), 0x12u);
}

TEST(ParsePacketOptions, TakesIcmpForThatOfTheFamily) {
  PacketOptions options = {
      .out = "eth0", .protocol = "icmp", .from = "2001:db8::1", .to = "2001:db8::2"};
  const auto question = ParsePacketOptions(options);
  ASSERT_TRUE(question.ok()) << question.status();
  EXPECT_EQ(question->protocol(), 58u);
  EXPECT_EQ(question->icmp_type(), 128u);
}

TEST(ParsePacketOptions, RefusesWhatIsNoPacket) {
  const auto refuses = [](const auto& change) {
    PacketOptions options = Ssh();
    change(options);
    return absl::IsInvalidArgument(ParsePacketOptions(options).status());
  };
  EXPECT_TRUE(refuses([](PacketOptions& o) { o.in = ""; }));
  EXPECT_FALSE(refuses([](PacketOptions& o) { o.out = "eth1"; })) << "it is routed";
  EXPECT_TRUE(refuses([](PacketOptions& o) { o.to = "192.0.2.1"; }));
  EXPECT_TRUE(refuses([](PacketOptions& o) { o.to = "192.0.2.1:65536"; }));
  EXPECT_TRUE(refuses([](PacketOptions& o) { o.to = "192.0.2.1:"; }));
  EXPECT_TRUE(refuses([](PacketOptions& o) { o.to = "web.example:22"; }));
  EXPECT_TRUE(refuses([](PacketOptions& o) { o.to = "[2001:db8::1]:22"; }));
  EXPECT_TRUE(refuses([](PacketOptions& o) { o.to = "[2001:db8::1]22"; }));
  EXPECT_TRUE(refuses([](PacketOptions& o) { o.flags = "syn,sin"; }));
  EXPECT_TRUE(refuses([](PacketOptions& o) { o.type = "8"; }));
  EXPECT_TRUE(refuses([](PacketOptions& o) { o.protocol = "esp"; }));
  EXPECT_TRUE(refuses([](PacketOptions& o) {
    o.protocol = "udp";
    o.flags = "syn";
  }));
  EXPECT_TRUE(refuses([](PacketOptions& o) { o.packet_socket = true; }));
}

}  // namespace
}  // namespace firebreak::cli
