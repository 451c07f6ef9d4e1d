// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/sctp_chunks.h"

#include <bitset>
#include <cstdint>

#include "policy/trace/packet.h"

namespace firebreak::policy {
namespace {

using ruleset::Bytes;

// RFC 9260, 3.2
constexpr uint8_t kInit = 1, kInitAck = 2, kHeartbeat = 4, kHeartbeatAck = 5, kShutdown = 7,
                  kShutdownAck = 8, kError = 9, kCookieEcho = 10, kCookieAck = 11,
                  kShutdownComplete = 14;
constexpr size_t kCommonHeader = 12, kChunkHeader = 4, kInitHeader = 16;

// Calls `see(type, length)` for each chunk, until it returns false or a chunk has the length 0.
template <typename See>
void ForEachChunk(const Bytes& transport, const See& see) {
  for (size_t at = kCommonHeader; at + kChunkHeader <= transport.size();) {
    const uint16_t length = Read16(transport, at + 2);
    if (!see(static_cast<uint8_t>(transport[at]), length) || length == 0) return;
    at += (length + 3u) & ~3u;
  }
}

}  // namespace

bool AreSctpChunksSound(const Bytes& transport) {
  size_t count = 0;
  bool sound = true, alone = false;
  ForEachChunk(transport, [&](uint8_t type, uint16_t length) {
    alone = alone || type == kInit || type == kInitAck || type == kShutdownComplete;
    const bool first = alone || type == kCookieEcho || type == kCookieAck;
    const bool whole =
        type != kInit || transport.size() >= kCommonHeader + kChunkHeader + kInitHeader;
    sound = length != 0 && whole && !(first && count != 0);
    ++count;
    return sound;
  });
  return sound && count != 0;
}

bool MayBeginSctp(const Bytes& transport) {
  std::bitset<256> types;
  ForEachChunk(transport, [&](uint8_t type, uint16_t) { return types.set(type), true; });
  std::bitset<256> others = types;
  for (uint8_t type :
       {kInit, kInitAck, kHeartbeat, kHeartbeatAck, kShutdown, kShutdownAck, kError, kCookieEcho}) {
    others.reset(type);
  }
  if (others.any()) return false;
  const bool tagged = Read16(transport, 4) != 0 || Read16(transport, 6) != 0;
  // The kernel does not know the tag of a new flow. Only these packets may have a tag, because the
  // kernel learns the tag from them.
  return !tagged || types[kHeartbeat] ||
         (!types[kCookieEcho] && (types[kHeartbeatAck] || types[kShutdownAck]));
}

}  // namespace firebreak::policy
