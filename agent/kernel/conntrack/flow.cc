// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/conntrack/flow.h"

#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <string.h>

#include <algorithm>
#include <span>

#include "agent/kernel/netlink/attributes.h"

namespace firebreak::agent {
namespace {

using Bytes = std::span<const char>;

// Reads a number in network order. An attribute of an unexpected size is ignored.
template <typename T>
void Take(Bytes bytes, T& to) {
  if (bytes.size() != sizeof(T)) return;
  uint64_t value = 0;
  for (char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  to = static_cast<T>(value);
}

void ReadProtocol(Bytes bytes, FlowTuple& tuple, uint8_t& protocol) {
  ForEachAttribute(bytes, [&](uint16_t type, Bytes value) {
    switch (type) {
      case CTA_PROTO_NUM: Take(value, protocol); break;
      case CTA_PROTO_SRC_PORT: Take(value, tuple.source_port); break;
      case CTA_PROTO_DST_PORT: Take(value, tuple.destination_port); break;
      case CTA_PROTO_ICMP_ID:
      case CTA_PROTO_ICMPV6_ID: Take(value, tuple.icmp_id); break;
      case CTA_PROTO_ICMP_TYPE:
      case CTA_PROTO_ICMPV6_TYPE: Take(value, tuple.icmp_type); break;
      case CTA_PROTO_ICMP_CODE:
      case CTA_PROTO_ICMPV6_CODE: Take(value, tuple.icmp_code); break;
    }
    return true;
  });
}

void ReadTuple(Bytes bytes, Flow& flow, FlowTuple& tuple) {
  ForEachAttribute(bytes, [&](uint16_t type, Bytes value) {
    if (type == CTA_TUPLE_PROTO) ReadProtocol(value, tuple, flow.protocol);
    if (type != CTA_TUPLE_IP) return true;
    return ForEachAttribute(value, [&](uint16_t which, Bytes address) {
      const std::string text(address.data(), address.size());
      if (which == CTA_IP_V4_SRC || which == CTA_IP_V6_SRC) tuple.source = text;
      if (which == CTA_IP_V4_DST || which == CTA_IP_V6_DST) tuple.destination = text;
      return true;
    });
  });
}

void ReadCounters(Bytes bytes, uint64_t& packets, uint64_t& total) {
  ForEachAttribute(bytes, [&](uint16_t type, Bytes value) {
    if (type == CTA_COUNTERS_PACKETS) Take(value, packets);
    if (type == CTA_COUNTERS_BYTES) Take(value, total);
    return true;
  });
}

void ReadTcpState(Bytes bytes, Flow& flow) {
  ForEachAttribute(bytes, [&](uint16_t type, Bytes value) {
    if (type != CTA_PROTOINFO_TCP) return true;
    return ForEachAttribute(value, [&](uint16_t which, Bytes state) {
      switch (which) {
        case CTA_PROTOINFO_TCP_STATE: Take(state, flow.tcp_state.emplace()); break;
        // The flags are the first byte of struct nf_ct_tcp_flags.
        case CTA_PROTOINFO_TCP_FLAGS_ORIGINAL:
          Take(state.first(std::min<size_t>(state.size(), 1)), flow.tcp_flags_original);
          break;
        case CTA_PROTOINFO_TCP_FLAGS_REPLY:
          Take(state.first(std::min<size_t>(state.size(), 1)), flow.tcp_flags_reply);
          break;
      }
      return true;
    });
  });
}

void PutNumber(nlmsghdr& message, uint16_t type, uint16_t value) {
  mnl_attr_put_u16(&message, type, htons(value));
}

}  // namespace

std::optional<Flow> ReadFlow(const nlmsghdr& message) {
  if (message.nlmsg_len < NLMSG_LENGTH(sizeof(nfgenmsg))) return std::nullopt;
  Flow flow;
  flow.family = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(&message))->nfgen_family;
  const bool whole =
      ForEachAttribute(AttributesOf(message, sizeof(nfgenmsg)), [&](uint16_t type, Bytes value) {
        switch (type) {
          case CTA_TUPLE_ORIG: ReadTuple(value, flow, flow.original); break;
          case CTA_TUPLE_REPLY: ReadTuple(value, flow, flow.reply); break;
          case CTA_ZONE: Take(value, flow.zone); break;
          case CTA_ID: Take(value, flow.id); break;
          case CTA_STATUS: Take(value, flow.status); break;
          case CTA_MARK: Take(value, flow.mark); break;
          case CTA_TIMEOUT: Take(value, flow.timeout_seconds); break;
          case CTA_PROTOINFO: ReadTcpState(value, flow); break;
          case CTA_COUNTERS_ORIG:
            ReadCounters(value, flow.original_packets, flow.original_bytes);
            break;
          case CTA_COUNTERS_REPLY: ReadCounters(value, flow.reply_packets, flow.reply_bytes); break;
        }
        return true;
      });
  const size_t length = flow.family == AF_INET ? 4 : flow.family == AF_INET6 ? 16 : 0;
  if (!whole || length == 0 || flow.original.source.size() != length ||
      flow.original.destination.size() != length || flow.reply.source.size() != length ||
      flow.reply.destination.size() != length) {
    return std::nullopt;
  }
  return flow;
}

namespace {

void PutTuple(uint16_t type, const Flow& flow, const FlowTuple& tuple, nlmsghdr& message) {
  const bool four = flow.family == AF_INET;
  nlattr* whole = mnl_attr_nest_start(&message, type);
  nlattr* addresses = mnl_attr_nest_start(&message, CTA_TUPLE_IP);
  mnl_attr_put(&message, four ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, tuple.source.size(),
               tuple.source.data());
  mnl_attr_put(&message, four ? CTA_IP_V4_DST : CTA_IP_V6_DST, tuple.destination.size(),
               tuple.destination.data());
  mnl_attr_nest_end(&message, addresses);
  nlattr* protocol = mnl_attr_nest_start(&message, CTA_TUPLE_PROTO);
  mnl_attr_put_u8(&message, CTA_PROTO_NUM, flow.protocol);
  if (flow.protocol == IPPROTO_ICMP) {
    PutNumber(message, CTA_PROTO_ICMP_ID, tuple.icmp_id);
    mnl_attr_put_u8(&message, CTA_PROTO_ICMP_TYPE, tuple.icmp_type);
    mnl_attr_put_u8(&message, CTA_PROTO_ICMP_CODE, tuple.icmp_code);
  } else if (flow.protocol == IPPROTO_ICMPV6) {
    PutNumber(message, CTA_PROTO_ICMPV6_ID, tuple.icmp_id);
    mnl_attr_put_u8(&message, CTA_PROTO_ICMPV6_TYPE, tuple.icmp_type);
    mnl_attr_put_u8(&message, CTA_PROTO_ICMPV6_CODE, tuple.icmp_code);
  } else {
    PutNumber(message, CTA_PROTO_SRC_PORT, tuple.source_port);
    PutNumber(message, CTA_PROTO_DST_PORT, tuple.destination_port);
  }
  mnl_attr_nest_end(&message, protocol);
  mnl_attr_nest_end(&message, whole);
}

}  // namespace

void PutOriginal(const Flow& flow, nlmsghdr& message) {
  PutTuple(CTA_TUPLE_ORIG, flow, flow.original, message);
}

void PutReply(const Flow& flow, nlmsghdr& message) {
  PutTuple(CTA_TUPLE_REPLY, flow, flow.reply, message);
}

}  // namespace firebreak::agent
