// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/datapath_loads.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace firebreak::bench {
namespace {

// The thread's CPU time in seconds. It includes the kernel's work on the thread's packets, but not
// the time that other programs use.
double Now() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

constexpr int kBatch = 64;
constexpr uint16_t kUnmappedPort = 9;

double Rate(int count, double begin) { return count / (Now() - begin); }

void Check(bool good, const char* what) {
  if (!good) Die(absl::StrCat(what, ": ", strerror(errno)));
}

sockaddr_in Address(const char* address, uint16_t port) {
  sockaddr_in result = {};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  inet_pton(AF_INET, address, &result.sin_addr);
  return result;
}

const sockaddr* Generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

int Bound(int type, uint16_t port, const char* at = NamespacePair::kHostAddress) {
  const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Address(at, port);
  Check(fd >= 0 && bind(fd, Generic(address), sizeof address) == 0, "bind");
  return fd;
}

uint16_t Checksum(const std::string& bytes) {
  uint32_t sum = 0;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    sum += static_cast<uint8_t>(bytes[i]) << 8 | static_cast<uint8_t>(bytes[i + 1]);
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return htons(static_cast<uint16_t>(~sum));
}

template <typename T>
std::string Bytes(const T& value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

// Makes a packet that is valid except for what is tested: connection tracking ignores packets with
// a bad checksum.
std::string Packet(uint8_t protocol, const sockaddr_in& from, const sockaddr_in& to, bool fin) {
  std::string segment;
  if (protocol == IPPROTO_TCP) {
    tcphdr tcp = {};
    tcp.source = from.sin_port;
    tcp.dest = to.sin_port;
    tcp.doff = sizeof tcp / 4;
    tcp.syn = 1;
    tcp.fin = fin ? 1 : 0;
    tcp.window = htons(1024);
    segment = Bytes(tcp);
  } else {
    udphdr udp = {};
    udp.source = from.sin_port;
    udp.dest = to.sin_port;
    udp.len = htons(sizeof udp + 4);
    segment = Bytes(udp) + "1234";
  }
  const uint16_t length = htons(static_cast<uint16_t>(segment.size()));
  const uint16_t sum = Checksum(Bytes(from.sin_addr) + Bytes(to.sin_addr) + '\0' +
                                static_cast<char>(protocol) + Bytes(length) + segment);
  const size_t at = protocol == IPPROTO_TCP ? offsetof(tcphdr, check) : offsetof(udphdr, check);
  segment.replace(at, sizeof sum, Bytes(sum));

  iphdr ip = {};
  ip.version = 4;
  ip.ihl = 5;
  ip.ttl = 64;
  ip.protocol = protocol;
  ip.tot_len = htons(static_cast<uint16_t>(sizeof ip + segment.size()));
  ip.saddr = from.sin_addr.s_addr;
  ip.daddr = to.sin_addr.s_addr;
  ip.check = Checksum(Bytes(ip));
  return Bytes(ip) + segment;
}

// Returns a socket that puts frames on the peer's wire.
int FrameSocket(const NamespacePair& pair) {
  int fd = -1;
  pair.InPeer([&] {
    fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    sockaddr_ll address = {};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = static_cast<int>(if_nametoindex("eth0"));
    Check(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
  });
  const int on = 1;
  Check(setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) == 0, "qdisc bypass");
  return fd;
}

}  // namespace

Connections::Connections(const NamespacePair& pair, uint16_t port, To to, int backlog)
    : pair_(pair),
      to_(to),
      address_(to == To::kFar    ? NamespacePair::kFarAddress
               : to == To::kPeer ? NamespacePair::kPeerAddress
                                 : NamespacePair::kHostAddress),
      port_(port) {
  const auto listen_at = [&](const char* address) {
    listener_ = Bound(SOCK_STREAM, port, address);
  };
  switch (to) {
    case To::kHost: pair.InHost([&] { listen_at(address_); }); break;
    case To::kPeer: pair.InPeer([&] { listen_at(address_); }); break;
    default: pair.InFar([&] { listen_at(NamespacePair::kFarAddress); }); break;
  }
  Check(listen(listener_, backlog) == 0, "listen");
}

Connections::~Connections() { close(listener_); }

double Connections::PerSecond(int count) {
  double rate = 0;
  const auto open_all = [&] {
    const sockaddr_in server_address = Address(address_, port_);
    const linger reset = {.l_onoff = 1, .l_linger = 0};
    const double begin = Now();
    for (int i = 0; i < count; ++i) {
      const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
      Check(connect(client, Generic(server_address), sizeof server_address) == 0, "connect");
      const int server = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      Check(server >= 0, "accept");
      close(client);
      close(server);
    }
    rate = Rate(count, begin);
  };
  to_ == To::kPeer ? pair_.InHost(open_all) : pair_.InPeer(open_all);
  return rate;
}

Flow::Flow(const NamespacePair& pair, uint16_t port) {
  pair.InHost([&] { receiver_ = Bound(SOCK_DGRAM, port); });
  pair.InPeer([&] { sender_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); });
  const sockaddr_in host = Address(NamespacePair::kHostAddress, port);
  Check(connect(sender_, Generic(host), sizeof host) == 0, "connect");
}

// Sends a packet each way, so that a flow that was idle for longer than its timeout is established
// again.
void Flow::Establish() {
  char byte = 0;
  sockaddr_in peer;
  socklen_t length = sizeof peer;
  for (int i = 0; i < 2; ++i) {
    Check(send(sender_, &byte, 1, 0) == 1, "send");
    Check(recvfrom(receiver_, &byte, 1, 0, reinterpret_cast<sockaddr*>(&peer), &length) == 1,
          "receive");
    Check(sendto(receiver_, &byte, 1, 0, Generic(peer), length) == 1, "answer");
    Check(recv(sender_, &byte, 1, 0) == 1, "receive the answer");
  }
}

Flow::~Flow() {
  close(sender_);
  close(receiver_);
}

double Flow::PacketsPerSecond(int count) {
  Establish();
  char data[kBatch][8] = {};
  iovec parts[kBatch];
  mmsghdr messages[kBatch] = {};
  for (int i = 0; i < kBatch; ++i) {
    parts[i] = {data[i], sizeof data[i]};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const double begin = Now();
  for (int done = 0; done < count; done += kBatch) {
    Check(sendmmsg(sender_, messages, kBatch, 0) == kBatch, "send");
    for (int received = 0; received < kBatch;) {
      const int now = recvmmsg(receiver_, messages, kBatch - received, 0, nullptr);
      Check(now > 0, "receive");
      received += now;
    }
  }
  return Rate(count, begin);
}

Flood::Flood(const NamespacePair& pair, Kind kind) : pair_(pair), socket_(FrameSocket(pair)) {
  const uint8_t protocol = kind == Kind::kSynFin ? IPPROTO_TCP : IPPROTO_UDP;
  const sockaddr_in to = Address(NamespacePair::kHostAddress, kUnmappedPort);
  for (uint16_t port = 1024; port < 1024 + 512; ++port) {
    frames_.push_back(pair.EthernetHeader() + Packet(protocol,
                                                     Address(NamespacePair::kPeerAddress, port), to,
                                                     /*fin=*/true));
  }
}

Flood::~Flood() { close(socket_); }

double Flood::DroppedPerSecond(int count) {
  std::vector<iovec> parts(frames_.size());
  std::vector<mmsghdr> messages(frames_.size());
  for (size_t i = 0; i < frames_.size(); ++i) {
    parts[i] = {frames_[i].data(), frames_[i].size()};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const uint64_t before = pair_.ReceivedByHost();
  const double begin = Now();
  int sent = 0;
  for (size_t at = 0; sent < count; at = (at + kBatch) % frames_.size()) {
    Check(sendmmsg(socket_, &messages[at], kBatch, 0) == kBatch, "send frames");
    sent += kBatch;
  }
  const double rate = Rate(sent, begin);
  const uint64_t arrived = pair_.ReceivedByHost() - before;
  if (arrived < static_cast<uint64_t>(sent)) {
    Die(absl::StrCat("of ", sent, " frames the host received ", arrived));
  }
  return rate;
}

HalfOpenFlood::HalfOpenFlood(const NamespacePair& pair, uint16_t port)
    : pair_(pair), port_(port), socket_(FrameSocket(pair)) {}

HalfOpenFlood::~HalfOpenFlood() { close(socket_); }

void HalfOpenFlood::Send(int count) {
  constexpr useconds_t kPause = 2'000;
  const sockaddr_in to = Address(NamespacePair::kHostAddress, port_);
  for (int i = 0; i < count; ++i) {
    sockaddr_in from = Address("198.18.0.0", 1024);
    from.sin_addr.s_addr = htonl(ntohl(from.sin_addr.s_addr) + static_cast<uint32_t>(i) + 1);
    const std::string frame = pair_.EthernetHeader() + Packet(IPPROTO_TCP, from, to, /*fin=*/false);
    Check(send(socket_, frame.data(), frame.size(), 0) > 0, "send a frame");
    if (i % kBatch == kBatch - 1) usleep(kPause);
  }
  usleep(kPause);
}

}  // namespace firebreak::bench
