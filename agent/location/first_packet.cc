// SPDX-License-Identifier: Apache-2.0
#include "agent/location/first_packet.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>

#include <string>

namespace firebreak::agent {
namespace {

void Put16(std::string& bytes, uint16_t value) {
  bytes.push_back(static_cast<char>(value >> 8));
  bytes.push_back(static_cast<char>(value & 0xff));
}

std::string TransportOf(const Flow& flow) {
  const FlowTuple& tuple = flow.original;
  std::string bytes;
  switch (flow.protocol) {
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      bytes.push_back(static_cast<char>(tuple.icmp_type));
      bytes.push_back(static_cast<char>(tuple.icmp_code));
      Put16(bytes, 0);
      Put16(bytes, tuple.icmp_id);
      Put16(bytes, 1);
      return bytes;
    case IPPROTO_TCP:
      Put16(bytes, tuple.source_port);
      Put16(bytes, tuple.destination_port);
      bytes.append(8, '\0');        // sequence and acknowledgement numbers
      bytes.append("\x50\x02", 2);  // header length of five words, SYN
      Put16(bytes, 0xffff);
      bytes.append(4, '\0');
      return bytes;
    case IPPROTO_UDP:
    case IPPROTO_UDPLITE:
      Put16(bytes, tuple.source_port);
      Put16(bytes, tuple.destination_port);
      Put16(bytes, 8);  // length in bytes, including the header
      Put16(bytes, 0);
      return bytes;
    case IPPROTO_SCTP:
      Put16(bytes, tuple.source_port);
      Put16(bytes, tuple.destination_port);
      bytes.append(8, '\0');                // verification tag 0, and the checksum
      bytes.append("\x01\x00\x00\x14", 4);  // INIT chunk, 20 bytes
      bytes.append(16, '\1');
      return bytes;
    default:
      Put16(bytes, tuple.source_port);
      Put16(bytes, tuple.destination_port);
      bytes.append(12, '\0');
      return bytes;
  }
}

}  // namespace

policy::Packet FirstPacket(const Flow& flow) {
  const std::string transport = TransportOf(flow);
  std::string datagram;
  if (flow.family == AF_INET) {
    datagram.append("\x45\x00", 2);
    Put16(datagram, static_cast<uint16_t>(20 + transport.size()));
    datagram.append(4, '\0');  // not a fragment
    datagram.push_back(64);
    datagram.push_back(static_cast<char>(flow.protocol));
    Put16(datagram, 0);
  } else {
    datagram.append("\x60\x00\x00\x00", 4);
    Put16(datagram, static_cast<uint16_t>(transport.size()));
    datagram.push_back(static_cast<char>(flow.protocol));
    datagram.push_back(64);
  }
  datagram += flow.original.source;
  datagram += flow.original.destination;
  datagram += transport;
  policy::Packet packet = policy::ParsePacket(ruleset::Bytes(datagram.data(), datagram.size()));
  packet.checksum_verified = true;
  return packet;
}

}  // namespace firebreak::agent
