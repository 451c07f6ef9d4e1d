// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/tcp_states.h"

#include <linux/netfilter/nf_conntrack_tcp.h>

#include <algorithm>

namespace firebreak::policy {
namespace {

constexpr uint8_t kFin = 0x01, kSyn = 0x02, kRst = 0x04, kAck = 0x10, kUrg = 0x20;  // RFC 9293

constexpr uint8_t kValid[] = {kSyn,        kSyn | kUrg, kSyn | kAck,        kRst,       kRst | kAck,
                              kFin | kAck, kAck,        kFin | kAck | kUrg, kAck | kUrg};

enum Segment { kSynOnly, kSynAck, kFinSegment, kAckSegment, kRstSegment, kNone };

Segment SegmentOf(uint8_t flags) {
  if ((flags & kRst) != 0) return kRstSegment;
  if ((flags & kSyn) != 0) return (flags & kAck) != 0 ? kSynAck : kSynOnly;
  if ((flags & kFin) != 0) return kFinSegment;
  return (flags & kAck) != 0 ? kAckSegment : kNone;
}

// The next states in the kernel's table of transitions, reduced to the kinds that decide what the
// kernel does with a segment.
enum Next : uint8_t {
  iv,  // invalid
  ig,  // ignored: passes, and changes nothing
  ss,  // SYN_SENT
  ok,  // any other state
};

constexpr Next kNext[2][6][TCP_CONNTRACK_SYN_SENT2 + 1] = {
    // The columns are NONE, SYN_SENT, SYN_RECV, ESTABLISHED, FIN_WAIT, CLOSE_WAIT, LAST_ACK,
    // TIME_WAIT, CLOSE and SYN_SENT2.
    {
        // original
        {ss, ss, ig, ig, ig, ig, ig, ss, ss, ok},  // SYN
        {iv, iv, ok, iv, iv, iv, iv, iv, iv, ok},  // SYN, ACK
        {iv, iv, ok, ok, ok, ok, ok, ok, ok, iv},  // FIN
        {ok, iv, ok, ok, ok, ok, ok, ok, ok, iv},  // ACK
        {iv, ok, ok, ok, ok, ok, ok, ok, ok, ok},  // RST
        {iv, iv, iv, iv, iv, iv, iv, iv, iv, iv},
    },
    {
        // reply
        {iv, ok, iv, iv, iv, iv, iv, ss, iv, ok},  // SYN
        {iv, ok, ig, ig, ig, ig, ig, ig, ig, ok},  // SYN, ACK
        {iv, iv, ok, ok, ok, ok, ok, ok, ok, iv},  // FIN
        {iv, ig, ok, ok, ok, ok, ok, ok, ok, ig},  // ACK
        {iv, ok, ok, ok, ok, ok, ok, ok, ok, ok},  // RST
        {iv, iv, iv, iv, iv, iv, iv, iv, iv, iv},
    },
};

}  // namespace

bool AreTcpFlagsValid(uint8_t flags) {
  const uint8_t checked = flags & (kFin | kSyn | kRst | kAck | kUrg);
  return std::find(std::begin(kValid), std::end(kValid), checked) != std::end(kValid);
}

bool MayBeginTcp(uint8_t flags, bool loose) {
  const Next next = kNext[0][SegmentOf(flags)][TCP_CONNTRACK_NONE];
  return next == ss || (next == ok && loose);
}

TcpStep StepTcp(const Flow& flow, uint8_t direction, uint8_t flags) {
  if (flow.tcp_state > TCP_CONNTRACK_SYN_SENT2) return TcpStep::kInvalid;
  const Next next = kNext[direction & 1][SegmentOf(flags)][flow.tcp_state];
  if (next == iv) return TcpStep::kInvalid;
  if (next == ss && flow.tcp_state >= TCP_CONNTRACK_TIME_WAIT) {
    const bool closed = ((flow.tcp_flags[0] | flow.tcp_flags[1]) & IP_CT_TCP_FLAG_CLOSE_INIT) != 0;
    const bool reset =
        flow.tcp_state == TCP_CONNTRACK_CLOSE && flow.reset_by.value_or(direction) == direction;
    if (closed || reset) return TcpStep::kReopen;
  }
  return TcpStep::kAccept;
}

}  // namespace firebreak::policy
