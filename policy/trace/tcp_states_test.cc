// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/tcp_states.h"

// glibc's header comes before the kernel's, which then leave out what both define.
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>

#include <set>

#include "policy/trace/test_packets.h"

namespace firebreak::policy {
namespace {

constexpr uint8_t kEce = 0x40, kCwr = 0x80;  // RFC 3168
constexpr uint8_t kOriginal = IP_CT_DIR_ORIGINAL, kReply = IP_CT_DIR_REPLY;

// Source: tcp_valid_flags of the kernel. All 256 combinations are tested.
TEST(TcpFlags, AreValidInNineCombinations) {
  const std::set<uint8_t> valid = {kSyn,        kSyn | kUrg, kSyn | kAck,
                                   kRst,        kRst | kAck, kFin | kAck,
                                   kAck | kUrg, kAck,        kFin | kAck | kUrg};
  for (int flags = 0; flags < 256; ++flags) {
    const auto judged = static_cast<uint8_t>(flags & ~(kPsh | kEce | kCwr));
    EXPECT_EQ(AreTcpFlagsValid(static_cast<uint8_t>(flags)), valid.contains(judged)) << flags;
  }
}

TEST(TcpFlags, BeginAConnection) {
  const struct {
    const char* name;
    uint8_t flags;
    bool strictly;
    bool loosely;
  } cases[] = {
      {"SYN", kSyn, true, true},
      {"SYN with ECN", kSyn | kEce | kCwr, true, true},
      {"SYN, ACK", kSyn | kAck, false, false},
      {"ACK, from the midst of a connection", kAck | kPsh, false, true},
      {"FIN", kFin | kAck, false, false},
      {"RST", kRst, false, false},
      {"RST beats SYN", kRst | kSyn, false, false},
      {"none", 0, false, false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(MayBeginTcp(c.flags, /*loose=*/false), c.strictly) << c.name;
    EXPECT_EQ(MayBeginTcp(c.flags, /*loose=*/true), c.loosely) << c.name;
  }
}

constexpr uint8_t kNone = TCP_CONNTRACK_NONE, kSynSent = TCP_CONNTRACK_SYN_SENT,
                  kSynRecv = TCP_CONNTRACK_SYN_RECV, kEstablished = TCP_CONNTRACK_ESTABLISHED,
                  kFinWait = TCP_CONNTRACK_FIN_WAIT, kCloseWait = TCP_CONNTRACK_CLOSE_WAIT,
                  kLastAck = TCP_CONNTRACK_LAST_ACK, kTimeWait = TCP_CONNTRACK_TIME_WAIT,
                  kClose = TCP_CONNTRACK_CLOSE, kSynSent2 = TCP_CONNTRACK_SYN_SENT2;
const std::set<uint8_t> kAll = {kNone,      kSynSent, kSynRecv,  kEstablished, kFinWait,
                                kCloseWait, kLastAck, kTimeWait, kClose,       kSynSent2};

std::set<uint8_t> AllBut(const std::set<uint8_t>& states) {
  std::set<uint8_t> rest;
  for (uint8_t state : kAll) {
    if (!states.contains(state)) rest.insert(state);
  }
  return rest;
}

// The refused states are those to which the kernel's table tcp_conntracks assigns sIV; every entry
// of the table is tested.
TEST(StepTcp, RefusesWhatTheKernelsTableRefuses) {
  const std::set<uint8_t> no_answer_seen = {kNone, kSynSent, kSynSent2};
  const struct {
    const char* name;
    uint8_t direction;
    uint8_t flags;
    std::set<uint8_t> refused;
  } cases[] = {
      {"SYN", kOriginal, kSyn, {}},
      // The side that began answers only in a simultaneous open.
      {"SYN, ACK", kOriginal, kSyn | kAck, AllBut({kSynRecv, kSynSent2})},
      {"FIN", kOriginal, kFin | kAck, no_answer_seen},
      // In the state NONE, such a segment is from the midst of a connection.
      {"ACK", kOriginal, kAck, {kSynSent, kSynSent2}},
      {"RST", kOriginal, kRst, {kNone}},
      {"none", kOriginal, 0, kAll},
      {"answering SYN", kReply, kSyn, AllBut({kSynSent, kTimeWait, kSynSent2})},
      {"answering SYN, ACK", kReply, kSyn | kAck, {kNone}},
      {"answering FIN", kReply, kFin | kAck, no_answer_seen},
      {"answering ACK", kReply, kAck, {kNone}},
      {"answering RST", kReply, kRst | kAck, {kNone}},
      {"answering none", kReply, kPsh, kAll},
  };
  for (const auto& c : cases) {
    for (uint8_t state : kAll) {
      EXPECT_EQ(StepTcp({.tcp_state = state}, c.direction, c.flags) == TcpStep::kInvalid,
                c.refused.contains(state))
          << c.name << " in " << int{state};
    }
  }
}

TEST(StepTcp, RefusesStatesThatThereAreNot) {
  for (uint8_t state : {10, 11, 14, 255}) {
    EXPECT_EQ(StepTcp({.tcp_state = state}, kOriginal, kAck), TcpStep::kInvalid) << int{state};
  }
}

TEST(StepTcp, ReopensWhatIsOver) {
  constexpr uint8_t kClosed = IP_CT_TCP_FLAG_CLOSE_INIT;
  const struct {
    const char* name;
    Flow flow;
    uint8_t direction;
    uint8_t flags;
    TcpStep step;
  } cases[] = {
      {"closed by the one who began",
       {.tcp_state = kTimeWait, .tcp_flags = {kClosed, 0}},
       kOriginal,
       kSyn,
       TcpStep::kReopen},
      {"closed by the other",
       {.tcp_state = kTimeWait, .tcp_flags = {0, kClosed}},
       kOriginal,
       kSyn,
       TcpStep::kReopen},
      {"the two have changed roles",
       {.tcp_state = kTimeWait, .tcp_flags = {kClosed, 0}},
       kReply,
       kSyn,
       TcpStep::kReopen},
      {"nobody is known to have closed it",
       {.tcp_state = kTimeWait, .tcp_flags = {0x01, 0x01}},
       kOriginal,
       kSyn,
       TcpStep::kAccept},
      {"not by anything but a SYN",
       {.tcp_state = kTimeWait, .tcp_flags = {kClosed, 0}},
       kOriginal,
       kAck,
       TcpStep::kAccept},
      {"not while it is closing",
       {.tcp_state = kLastAck, .tcp_flags = {kClosed, kClosed}},
       kOriginal,
       kSyn,
       TcpStep::kAccept},
      {"reset by the one who opens it again",
       {.tcp_state = kClose, .reset_by = kOriginal},
       kOriginal,
       kSyn,
       TcpStep::kReopen},
      {"reset by the other",
       {.tcp_state = kClose, .reset_by = kReply},
       kOriginal,
       kSyn,
       TcpStep::kAccept},
      {"reset by the other, but closed before",
       {.tcp_state = kClose, .tcp_flags = {kClosed, 0}, .reset_by = kReply},
       kOriginal,
       kSyn,
       TcpStep::kReopen},
      {"it is not known by whom", {.tcp_state = kClose}, kOriginal, kSyn, TcpStep::kReopen},
      {"a SYN once more",
       {.tcp_state = kSynSent, .tcp_flags = {kClosed, 0}},
       kOriginal,
       kSyn,
       TcpStep::kAccept},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(StepTcp(c.flow, c.direction, c.flags), c.step) << c.name;
  }
}

}  // namespace
}  // namespace firebreak::policy
