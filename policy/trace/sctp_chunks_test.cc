// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/sctp_chunks.h"

#include <gtest/gtest.h>

#include <set>

#include "policy/trace/datagram.h"

namespace firebreak::policy {
namespace {

using datagram::Number16;
using datagram::Number32;
using ruleset::Bytes;

// RFC 9260, 3.2
constexpr uint8_t kData = 0, kInit = 1, kInitAck = 2, kHeartbeat = 4, kHeartbeatAck = 5, kAbort = 6,
                  kShutdown = 7, kShutdownAck = 8, kError = 9, kCookieEcho = 10, kCookieAck = 11,
                  kShutdownComplete = 14;

Bytes Packet(uint32_t tag, const Bytes& chunks) {
  return Number16(5000) + Number16(6000) + Number32(tag) + Number32(0) + chunks;
}
Bytes WithLength(uint8_t type, uint16_t length, const Bytes& body = "") {
  return Bytes(1, static_cast<char>(type)) + '\0' + Number16(length) + body;
}
Bytes Chunk(uint8_t type, size_t body = 4) {
  if (type == kInit || type == kInitAck) body = 16;
  return WithLength(type, static_cast<uint16_t>(4 + body), Bytes(body, '\0'));
}

// The states, new or invalid, are what Linux 6.18 said about each packet when it was sent.
TEST(SctpChunks, BeginAFlowByTheirTypeAndTag) {
  const std::set<uint8_t> untagged = {kInit,     kInitAck, kHeartbeat,   kHeartbeatAck,
                                      kShutdown, kError,   kShutdownAck, kCookieEcho};
  const std::set<uint8_t> tagged = {kHeartbeat, kHeartbeatAck, kShutdownAck};
  for (int type = 0; type < 256; ++type) {
    const auto chunk = static_cast<uint8_t>(type);
    EXPECT_TRUE(AreSctpChunksSound(Packet(0, Chunk(chunk)))) << type;
    EXPECT_EQ(MayBeginSctp(Packet(0, Chunk(chunk))), untagged.contains(chunk)) << type;
    for (uint32_t tag : {7u, 0x00070000u}) {
      EXPECT_EQ(MayBeginSctp(Packet(tag, Chunk(chunk))), tagged.contains(chunk)) << type;
    }
  }
}

TEST(SctpChunks, BeginAFlowTogether) {
  const struct {
    const char* name;
    uint32_t tag;
    Bytes chunks;
    bool begin;
  } cases[] = {
      {"tag taken from a heartbeat", 7, Chunk(kCookieEcho) + Chunk(kHeartbeat), true},
      {"too late from its answer", 7, Chunk(kCookieEcho) + Chunk(kHeartbeatAck), false},
      {"nor from a shutdown", 7, Chunk(kCookieEcho) + Chunk(kShutdownAck), false},
      {"which without a tag is fine", 0, Chunk(kCookieEcho) + Chunk(kShutdownAck), true},
      {"error, heartbeat", 7, Chunk(kError) + Chunk(kHeartbeat), true},
      {"error, its answer", 7, Chunk(kError) + Chunk(kHeartbeatAck), true},
      {"error, shutdown", 7, Chunk(kError) + Chunk(kShutdown), false},
      {"error, shutdown without a tag", 0, Chunk(kError) + Chunk(kShutdown), true},
      {"data behind what may", 0, Chunk(kHeartbeat) + Chunk(kData, 12), false},
      {"an abort behind what may", 0, Chunk(kHeartbeat) + Chunk(kAbort), false},
      {"a body of no multiple of four", 7, WithLength(kHeartbeat, 5, Bytes(4, 'x')) + Chunk(kError),
       true},
      {"data behind it", 7, WithLength(kHeartbeat, 5, Bytes(4, 'x')) + Chunk(kData), false},
      {"shorter than its own header", 7, WithLength(kHeartbeat, 1) + Chunk(kError), true},
      {"longer than the packet", 7, WithLength(kHeartbeat, 500, Bytes(4, 'x')), true},
      {"the longest", 7, WithLength(kHeartbeat, 0xffff, Bytes(4, 'x')), true},
      {"three bytes behind", 0, Chunk(kHeartbeat) + Bytes(3, '\0'), true},
  };
  for (const auto& c : cases) {
    EXPECT_TRUE(AreSctpChunksSound(Packet(c.tag, c.chunks))) << c.name;
    EXPECT_EQ(MayBeginSctp(Packet(c.tag, c.chunks)), c.begin) << c.name;
  }
}

TEST(SctpChunks, AreUnsound) {
  const Bytes cases[] = {
      "",
      Bytes(3, '\x0a'),
      WithLength(kHeartbeat, 0, Bytes(16, '\0')),
      Chunk(kHeartbeat) + WithLength(kHeartbeat, 0),
      WithLength(kInit, 20, Bytes(12, '\0')),
      Chunk(kInit) + Chunk(kHeartbeat),
      Chunk(kHeartbeat) + Chunk(kInit),
      Chunk(kHeartbeat) + Chunk(kInitAck),
      Chunk(kHeartbeat) + Chunk(kShutdownComplete),
      Chunk(kHeartbeat) + Chunk(kCookieEcho),
      Chunk(kHeartbeat) + Chunk(kCookieAck),
  };
  for (const Bytes& chunks : cases) {
    EXPECT_FALSE(AreSctpChunksSound(Packet(0, chunks))) << testing::PrintToString(chunks);
  }
}

}  // namespace
}  // namespace firebreak::policy
