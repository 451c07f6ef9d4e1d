// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/random_probes.h"

// glibc's headers before the kernel's, which then leave out what both define.
#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include "absl/strings/str_cat.h"
#include "tests/oracle/random_hardening.h"

namespace firebreak::oracle {

using namespace datagram;  // The makers of packets, all of them.

namespace {

constexpr size_t kRemembered = 24;
constexpr uint8_t kUnknownProtocol = 99;
constexpr uint8_t kProtocols[] = {
    IPPROTO_TCP,  IPPROTO_TCP,     IPPROTO_TCP,     IPPROTO_TCP, IPPROTO_TCP,  IPPROTO_TCP,
    IPPROTO_TCP,  IPPROTO_UDP,     IPPROTO_UDP,     IPPROTO_UDP, IPPROTO_UDP,  IPPROTO_ICMP,
    IPPROTO_ICMP, IPPROTO_ICMP,    IPPROTO_GRE,     IPPROTO_ESP, IPPROTO_SCTP, IPPROTO_IGMP,
    IPPROTO_DCCP, IPPROTO_UDPLITE, kUnknownProtocol};
constexpr uint8_t kFin = 0x01, kSyn = 0x02, kRst = 0x04, kPsh = 0x08, kAck = 0x10, kUrg = 0x20;
constexpr uint8_t kFlags[] = {
    kSyn, kSyn,        kSyn,        kSyn | kAck, kSyn | kAck, kAck,
    kAck, kPsh | kAck, kFin | kAck, kFin | kAck, kRst,        kRst | kAck,
    0,    kFin,        kSyn | kFin, kSyn | kRst, kFin | kRst, kFin | kPsh | kUrg,
    0x3f, kUrg,        kSyn | kUrg, kSyn | 0xc0};
constexpr uint8_t kIcmpTypes[] = {ICMP_ECHO,
                                  ICMP_ECHO,
                                  ICMP_ECHO,
                                  ICMP_ECHOREPLY,
                                  ICMP_TIMESTAMP,
                                  ICMP_TIMESTAMPREPLY,
                                  ICMP_ADDRESS,
                                  ICMP_ADDRESSREPLY,
                                  10,
                                  9,
                                  ICMP_DEST_UNREACH,
                                  ICMP_DEST_UNREACH,
                                  ICMP_SOURCE_QUENCH,
                                  ICMP_REDIRECT,
                                  ICMP_TIME_EXCEEDED,
                                  ICMP_PARAMETERPROB,
                                  40};
constexpr uint8_t kIcmp6Types[] = {ICMP6_ECHO_REQUEST,
                                   ICMP6_ECHO_REQUEST,
                                   ICMP6_ECHO_REPLY,
                                   ND_ROUTER_SOLICIT,
                                   ND_ROUTER_ADVERT,
                                   ND_NEIGHBOR_SOLICIT,
                                   ND_NEIGHBOR_ADVERT,
                                   ND_REDIRECT,
                                   MLD_LISTENER_QUERY,
                                   143,
                                   ICMP6_DST_UNREACH,
                                   ICMP6_PACKET_TOO_BIG,
                                   ICMP6_TIME_EXCEEDED,
                                   ICMP6_PARAM_PROB,
                                   139,
                                   200};

// RFC 9260: INIT, COOKIE ECHO, DATA, ABORT, COOKIE ACK, SHUTDOWN COMPLETE; one that there is not.
constexpr uint8_t kChunks[] = {1, 1, 1, 10, 0, 6, 11, 14, 99};

Bytes Address(const char* text) {
  char bytes[16];
  if (inet_pton(AF_INET, text, bytes) == 1) return Bytes(bytes, 4);
  inet_pton(AF_INET6, text, bytes);
  return Bytes(bytes, 16);
}

std::string ProtocolName(uint8_t protocol) {
  switch (protocol) {
    case IPPROTO_TCP: return "tcp";
    case IPPROTO_UDP: return "udp";
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6: return "icmp";
    case IPPROTO_GRE: return "gre";
    case IPPROTO_ESP: return "esp";
    case IPPROTO_SCTP: return "sctp";
    default: return "other";
  }
}

}  // namespace

RandomProbes::Talk RandomProbes::NewTalk() {
  Talk talk = {.ipv6 = OneIn(random_, 2),
               .interface = Below(random_, static_cast<uint32_t>(interfaces_.size())),
               .protocol = Pick(random_, kProtocols)};
  // Once in a while the ICMP of the other family.
  if (talk.protocol == IPPROTO_ICMP && talk.ipv6 != OneIn(random_, 30)) {
    talk.protocol = IPPROTO_ICMPV6;
  }
  const World::Interface& interface = interfaces_[talk.interface];
  constexpr char kHosts[] = {1, 3, 4, 5};
  talk.local = talk.ipv6 ? interface.address6 : interface.address4;
  talk.remote = (talk.ipv6 ? interface.network6 : interface.network4) + Pick(random_, kHosts);
  if (talk.interface == 0 && OneIn(random_, 6)) {
    talk.remote = Address(talk.ipv6 ? "2001:db8:ffff::9" : "203.0.113.9");
  }
  // Now and then it is for a neighbour elsewhere: the host is to route it.
  if (OneIn(random_, 4)) {
    const World::Interface& other = Pick(random_, interfaces_);
    talk.local = (talk.ipv6 ? other.network6 : other.network4) + Pick(random_, kHosts);
  }
  talk.local_port = Pick(random_, kPorts);
  talk.remote_port =
      OneIn(random_, 3) ? Pick(random_, kPorts) : static_cast<uint16_t>(40000 + Below(random_, 4));
  if (OneIn(random_, 2)) std::swap(talk.local_port, talk.remote_port);
  talk.number = static_cast<uint16_t>(1 + Below(random_, 3));
  if (talk.protocol == IPPROTO_UDP && OneIn(random_, 4)) talk.local_port = kNameService;
  return talk;
}

// At what another program may send on: an address of the host, or one that nobody has.
void RandomProbes::AimAtPublished(Talk& talk) {
  const World::Interface& own = Pick(random_, interfaces_);
  talk.remote = talk.ipv6 ? own.address6 : own.address4;
  if (OneIn(random_, 4)) talk.remote = Address(talk.ipv6 ? "2001:db8:ffff::9" : "203.0.113.9");
  talk.remote_port = Pick(random_, kPorts);
  if (OneIn(random_, 2)) talk.protocol = OneIn(random_, 3) ? IPPROTO_UDP : IPPROTO_TCP;
}

Bytes RandomProbes::OddAddress(const Talk& talk, bool inward, bool source) {
  const World::Interface& here = interfaces_[talk.interface];
  const World::Interface& other = Pick(random_, interfaces_);
  const Bytes& network = talk.ipv6 ? here.network6 : here.network4;
  std::vector<Bytes> choice = {talk.ipv6 ? other.address6 : other.address4, network + '\x03'};
  if (source) {
    const auto more = talk.ipv6 ? std::vector<const char*>{"::1",
                                                           "::",
                                                           "ff02::1",
                                                           "fe80::7",
                                                           "2001:db8:ffff::9",
                                                           "fd00:0:0:3::3"}
                                : std::vector<const char*>{
                                      "127.0.0.1",   "0.0.0.0",  "224.0.0.9", "255.255.255.255",
                                      "203.0.113.9", "10.0.0.3", "0.1.2.3",   "169.254.3.3"};
    for (const char* text : more) choice.push_back(Address(text));
    if (!talk.ipv6) choice.push_back(network + '\xff');
  } else if (inward) {
    const auto more =
        talk.ipv6 ? std::vector<const char*>{"ff02::1",          "ff02::5", "ff01::1",        "::1",
                                             "2001:db8:ffff::9", "fe80::7", "2001:db8:0:2::3"}
                  : std::vector<const char*>{"224.0.0.1",       "224.0.0.5",   "127.0.0.1",
                                             "255.255.255.255", "203.0.113.9", "198.51.100.3",
                                             "0.1.2.3"};
    for (const char* text : more) choice.push_back(Address(text));
    if (!talk.ipv6) choice.push_back(network + '\xff');
  } else {
    choice.clear();
    choice.push_back(Address(talk.ipv6 ? "ff02::5" : "224.0.0.5"));
    choice.push_back(Address(talk.ipv6 ? "ff02::1" : "224.0.0.251"));
    if (!talk.ipv6) {
      choice.push_back(Bytes(4, '\xff'));
      choice.push_back(network + '\xff');
    }
  }
  return Pick(random_, choice);
}

// The packet that an error is about, as it was sent the other way.
Bytes RandomProbes::QuoteOf(const Talk& talk, bool inward) {
  Talk about = talk;
  for (const Talk& earlier : talks_) {
    if (earlier.ipv6 == talk.ipv6 && OneIn(random_, 3)) about = earlier;
  }
  if (about.protocol == IPPROTO_ICMP || about.protocol == IPPROTO_ICMPV6) {
    about.protocol = IPPROTO_UDP;
  }
  Header header = {.source = inward ? about.local : about.remote,
                   .destination = inward ? about.remote : about.local,
                   .protocol = about.protocol,
                   .id = 1};
  return MakeDatagram(header, Transport(about, !inward));
}

Bytes RandomProbes::IcmpTransport(const Talk& talk, bool inward) {
  const bool six = talk.protocol == IPPROTO_ICMPV6;
  const uint8_t type = six ? Pick(random_, kIcmp6Types) : Pick(random_, kIcmpTypes);
  const bool error = six ? type < ICMP6_ECHO_REQUEST
                         : type == ICMP_DEST_UNREACH || type == ICMP_SOURCE_QUENCH ||
                               type == ICMP_REDIRECT || type == ICMP_TIME_EXCEEDED ||
                               type == ICMP_PARAMETERPROB;
  const uint8_t code = error || OneIn(random_, 8) ? static_cast<uint8_t>(Below(random_, 5)) : 0;
  Bytes payload(24, '\0');
  if (error) payload = QuoteOf(talk, inward);
  if (six && type == ND_REDIRECT) {
    const Bytes quote = QuoteOf(talk, inward);
    const size_t words = (quote.size() + 8 + 7) / 8;
    Bytes option = {4, static_cast<char>(words)};
    option += Bytes(6, '\0') + quote;
    option.resize(words * 8, '\0');
    payload = Bytes(32, '\x02') + option;
  }
  return Icmp(type, code, error ? 0 : talk.number, payload);
}

Bytes RandomProbes::Transport(const Talk& talk, bool inward) {
  const uint16_t source = inward ? talk.remote_port : talk.local_port;
  const uint16_t destination = inward ? talk.local_port : talk.remote_port;
  const Bytes payload(OneIn(random_, 3) ? 0 : 16, 'x');
  switch (talk.protocol) {
    case IPPROTO_TCP: {
      // Numbers at which every segment lies in every window.
      const uint8_t flags =
          OneIn(random_, 12) ? static_cast<uint8_t>(random_()) : Pick(random_, kFlags);
      const bool acknowledges = (flags & kAck) != 0 && (flags & kRst) == 0;
      return Tcp(source, destination, flags, (flags & kSyn) != 0 ? 1000 : 1001,
                 acknowledges ? 1001 : 0, payload);
    }
    case IPPROTO_UDP: {
      // RFC 1002, 4.2.1.1: a release, with and without other bits; a registration; an answer.
      constexpr uint8_t kFlags[] = {0x30, 0x30, 0x34, 0x28, 0xb0, 0x00};
      Bytes data = payload;
      if (destination == kNameService && data.size() > 2) {
        data[2] = static_cast<char>(Pick(random_, kFlags));
      }
      return Udp(source, destination, data);
    }
    case IPPROTO_UDPLITE: return Number16(source) + Number16(destination) + Bytes(20, '\0');
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6: return IcmpTransport(talk, inward);
    case IPPROTO_GRE: return Gre(OneIn(random_, 2), talk.number, payload);
    case IPPROTO_SCTP: return Sctp(source, destination, Pick(random_, kChunks));
    case IPPROTO_IGMP: return Bytes("\x16\0\0\0\xe0\0\0\x05", 8);
    default: return Number16(source) + Number16(destination) + payload;
  }
}

void RandomProbes::AddRoute(Header& header) {
  if (header.source.size() == 4) {
    // Up to three bytes of filling, a loose route whose pointer is behind its one address, filling.
    header.options = Bytes(Below(random_, 4), '\x01');
    header.options += Bytes("\x83\x07\x08", 3) + header.destination;
    header.options.resize((header.options.size() + 3) / 4 * 4, '\x01');
    return;
  }
  header.first_option = IPPROTO_ROUTING;
  header.options = Bytes(8, '\0');
}

void RandomProbes::AddOptions(Header& header) {
  if (header.source.size() == 4) {
    header.options = OneIn(random_, 2) ? Bytes(8, '\x01') : Bytes("\x94\x04\0\0", 4);
    return;
  }
  if (OneIn(random_, 3)) {
    header.first_option = IPPROTO_AH;
    header.options = Bytes("\0\x04", 2) + Bytes(22, '\x07');
    return;
  }
  header.first_option = OneIn(random_, 2) ? IPPROTO_HOPOPTS : IPPROTO_DSTOPTS;
  header.options = Bytes("\0\0\x01\x04\0\0\0\0", 8);
}

void RandomProbes::Fragment(const Header& header, const Bytes& transport, Probe& probe) {
  Header part = header;
  part.fragment_offset = 0;
  part.more_fragments = true;
  // Where IPv6 finds the header of TCP in two, it does not put the parts together.
  const bool split = header.source.size() == 16 && header.protocol == IPPROTO_TCP;
  const uint16_t at = split && transport.size() > 24 ? 24 : 8;
  const Bytes first = MakeDatagram(part, transport.substr(0, at));
  part.fragment_offset = at;
  part.more_fragments = false;
  const Bytes last = MakeDatagram(part, transport.substr(at));
  if (probe.way == Probe::Way::kIn && (!split || at == 24) && OneIn(random_, 2)) {
    absl::StrAppend(&probe.kind, " whole again");
    probe.fragments =
        OneIn(random_, 2) ? std::vector<Bytes>{first, last} : std::vector<Bytes>{last, first};
    return;
  }
  absl::StrAppend(&probe.kind, " fragment");
  probe.datagram = OneIn(random_, 2) ? first : last;
}

Probe RandomProbes::Next() {
  if (++id_ == 0) id_ = 1;
  Probe probe = {.id = id_};
  const uint32_t way = Below(random_, 20);
  probe.way = way < 10 ? Probe::Way::kIn : way < 16 ? Probe::Way::kRaw : Probe::Way::kPacket;
  const bool inward = probe.way == Probe::Way::kIn;
  const bool known = !talks_.empty() && OneIn(random_, 2);
  Talk talk = known ? Pick(random_, talks_) : NewTalk();
  if (!known) talks_.push_back(talk);
  if (talks_.size() > kRemembered) talks_.pop_front();
  if (probe.way == Probe::Way::kRaw && OneIn(random_, 3)) {
    probe.bound = false;
    if (OneIn(random_, 2)) AimAtPublished(talk);
  }

  Header header = {.source = inward ? talk.remote : talk.local,
                   .destination = inward ? talk.local : talk.remote,
                   .protocol = talk.protocol,
                   .id = id_};
  if (talk.protocol == IPPROTO_ICMPV6) header.hops = 255;
  if (OneIn(random_, 6)) header.source = OddAddress(talk, inward, /*source=*/true);
  if (probe.bound && OneIn(random_, 8))
    header.destination = OddAddress(talk, inward, /*source=*/false);
  // A raw socket has IP fill in a source that is not there.
  if (probe.way == Probe::Way::kRaw && header.source == Bytes(4, '\0')) header.source = talk.remote;
  Bytes transport = Transport(talk, inward);
  PutChecksum(header, transport);
  probe.kind = absl::StrCat(probe.bound ? "" : "unbound ", ProtocolName(talk.protocol),
                            talk.ipv6 ? "6" : "4");
  const std::optional<size_t> checksum = ChecksumOffset(talk.protocol);
  if (OneIn(random_, 30) && checksum.has_value() && transport.size() > *checksum) {
    transport[*checksum] = static_cast<char>(transport[*checksum] ^ 0x40);
    absl::StrAppend(&probe.kind, " damaged");
  } else if (OneIn(random_, 30)) {
    transport.resize(Below(random_, static_cast<uint32_t>(transport.size()) + 1));
    absl::StrAppend(&probe.kind, " short");
  }
  // The kernel itself drops source routes of what is not sent to this host alone.
  const World::Interface& here = interfaces_[talk.interface];
  const bool to_host = inward && header.destination == (talk.ipv6 ? here.address6 : here.address4);
  const bool routed = to_host && OneIn(random_, 12);
  if (routed) {
    AddRoute(header);
    absl::StrAppend(&probe.kind, " routed");
  } else if (OneIn(random_, 20)) {
    AddOptions(header);
    absl::StrAppend(&probe.kind, " options");
  }
  probe.interface = static_cast<int>(talk.interface);
  probe.broadcast = inward && !routed && OneIn(random_, 20);
  probe.datagram = MakeDatagram(header, transport);
  if (OneIn(random_, 25) && transport.size() > 8) Fragment(header, transport, probe);
  return probe;
}

}  // namespace firebreak::oracle
