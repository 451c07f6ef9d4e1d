// SPDX-License-Identifier: Apache-2.0
#include "policy/ruleset/print.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_synproxy.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
#include <netinet/tcp.h>
#include <string.h>

#include <array>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace firebreak::ruleset {
namespace {

constexpr size_t kFewElements = 8;

std::string Hex(absl::string_view bytes) {
  return absl::StrCat("0x", absl::BytesToHexString(bytes));
}

// Only names that are built into nft are used; it looks others up in /etc/protocols, which may be
// missing.
std::string ProtocolName(uint8_t number) {
  switch (number) {
    case IPPROTO_ICMP: return "icmp";
    case IPPROTO_TCP: return "tcp";
    case IPPROTO_UDP: return "udp";
    case IPPROTO_DCCP: return "dccp";
    case IPPROTO_ESP: return "esp";
    case IPPROTO_AH: return "ah";
    case IPPROTO_ICMPV6: return "icmpv6";
    case IPPROTO_SCTP: return "sctp";
    case IPPROTO_UDPLITE: return "udplite";
    default: return absl::StrCat(number);
  }
}

uint32_t HostNumber(absl::string_view bytes) {
  uint32_t number = 0;
  memcpy(&number, bytes.data(), std::min(bytes.size(), sizeof number));
  return number;
}

uint32_t NetworkNumber(absl::string_view bytes) {
  uint32_t number = 0;
  for (unsigned char byte : bytes) number = number << 8 | byte;
  return number;
}

std::string AddressTypeName(uint32_t type) {
  switch (type) {
    case RTN_UNICAST: return "unicast";
    case RTN_LOCAL: return "local";
    case RTN_BROADCAST: return "broadcast";
    case RTN_ANYCAST: return "anycast";
    case RTN_MULTICAST: return "multicast";
    default: return absl::StrCat(type);
  }
}

std::string PrintField(Field field, absl::string_view bytes) {
  char text[INET6_ADDRSTRLEN];
  switch (field) {
    case Field::kIpv4Address: return inet_ntop(AF_INET, bytes.data(), text, sizeof text);
    case Field::kIpv6Address: return inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
    case Field::kRawPair:
    case Field::kEtherType:
      return absl::StrCat("0x", absl::Hex(NetworkNumber(bytes), absl::kZeroPad4));
    case Field::kProtocol: return ProtocolName(static_cast<uint8_t>(bytes[0]));
    case Field::kPort: return absl::StrCat(NetworkNumber(bytes));
    case Field::kTcpFlags: return absl::StrCat("0x", absl::Hex(NetworkNumber(bytes)));
    case Field::kUser:
    case Field::kUserGroup:
    case Field::kInterfaceIndex: return absl::StrCat(HostNumber(bytes));
    case Field::kAddressType: return AddressTypeName(HostNumber(bytes));
    case Field::kInterfaceName:
      return absl::StrCat("\"", absl::CEscape(bytes.substr(0, bytes.find('\0'))), "\"");
    case Field::kControlGroup: {
      uint64_t number = 0;
      memcpy(&number, bytes.data(), std::min(bytes.size(), sizeof number));
      return absl::StrCat(number);
    }
  }
  return Hex(bytes);
}

std::string PrintVerdict(VerdictView verdict) {
  switch (verdict.code) {
    case NF_ACCEPT: return "accept";
    case NF_DROP: return "drop";
    case NFT_JUMP: return absl::StrCat("jump ", verdict.chain);
    case NFT_GOTO: return absl::StrCat("goto ", verdict.chain);
    case NFT_RETURN: return "return";
    case NFT_CONTINUE: return "continue";
    default: return absl::StrCat("verdict ", verdict.code);
  }
}

const char* FieldTypeName(Field field) {
  switch (field) {
    case Field::kIpv4Address: return "ipv4_addr";
    case Field::kIpv6Address: return "ipv6_addr";
    case Field::kRawPair: return "integer";
    case Field::kEtherType: return "ether_type";
    case Field::kProtocol: return "inet_proto";
    case Field::kPort: return "inet_service";
    case Field::kTcpFlags: return "tcp_flag";
    case Field::kInterfaceIndex: return "iface_index";
    case Field::kUser: return "uid";
    case Field::kUserGroup: return "gid";
    case Field::kAddressType: return "fib_addrtype";
    case Field::kInterfaceName: return "ifname";
    case Field::kControlGroup: return "cgroupsv2";
  }
  return "foreign";
}

// Keeps a text for what each register holds, and turns comparisons into matches.
class RulePrinter {
 public:
  void operator()(const Meta& e) {
    switch (e.key) {
      case NFT_META_L4PROTO: return Hold(e.to, "meta l4proto", 1);
      case NFT_META_NFPROTO: return Hold(e.to, "meta nfproto", 1);
      case NFT_META_IIF: return Hold(e.to, "iif", 4);
      case NFT_META_OIF: return Hold(e.to, "oif", 4);
      case NFT_META_IIFNAME: return Hold(e.to, "iifname", 16);
      case NFT_META_OIFNAME: return Hold(e.to, "oifname", 16);
      case NFT_META_IIFTYPE: return Hold(e.to, "iiftype", 2);
      case NFT_META_OIFTYPE: return Hold(e.to, "oiftype", 2);
      case NFT_META_PROTOCOL: return Hold(e.to, "meta protocol", 2);
      case NFT_META_PKTTYPE: return Hold(e.to, "meta pkttype", 1);
      case NFT_META_RTCLASSID: return Hold(e.to, "meta rtclassid", 4);
      case NFT_META_SKUID: return Hold(e.to, "meta skuid", 4);
      case NFT_META_SKGID: return Hold(e.to, "meta skgid", 4);
      default: return Hold(e.to, absl::StrCat("meta ", e.key), 4);
    }
  }
  void operator()(const Ct& e) {
    const char* way = !e.direction.has_value() ? "" : *e.direction == 0 ? "original " : "reply ";
    switch (e.key) {
      case NFT_CT_STATE: return Hold(e.to, "ct state", 4);
      case NFT_CT_STATUS: return Hold(e.to, "ct status", 4);
      case NFT_CT_DIRECTION: return Hold(e.to, "ct direction", 1);
      case NFT_CT_PROTO_SRC: return Hold(e.to, absl::StrCat("ct ", way, "proto-src"), 2);
      case NFT_CT_PROTO_DST: return Hold(e.to, absl::StrCat("ct ", way, "proto-dst"), 2);
      case NFT_CT_SRC_IP: return Hold(e.to, absl::StrCat("ct ", way, "ip saddr"), 4);
      case NFT_CT_DST_IP: return Hold(e.to, absl::StrCat("ct ", way, "ip daddr"), 4);
      case NFT_CT_SRC_IP6: return Hold(e.to, absl::StrCat("ct ", way, "ip6 saddr"), 16);
      case NFT_CT_DST_IP6: return Hold(e.to, absl::StrCat("ct ", way, "ip6 daddr"), 16);
      default: return Hold(e.to, absl::StrCat("ct ", way, e.key), 4);
    }
  }
  void operator()(const Payload& e) {
    const bool transport = e.base == NFT_PAYLOAD_TRANSPORT_HEADER;
    const bool network = e.base == NFT_PAYLOAD_NETWORK_HEADER;
    std::string text = absl::StrCat("@",
                                    transport ? "th"
                                    : network ? "nh"
                                              : "ll",
                                    ",", e.offset * 8, ",", e.length * 8);
    const bool link = e.base == NFT_PAYLOAD_LL_HEADER;
    if (link && e.offset == 12 && e.length == 2) text = "ether type";
    if (link && e.offset == 6 && e.length == 6) text = "ether saddr";
    if (transport && e.offset == 0 && e.length == 2) text = "th sport";
    if (transport && e.offset == 2 && e.length == 2) text = "th dport";
    if (transport && e.offset == 13 && e.length == 1) text = "tcp flags";
    if (network && e.offset == 12 && e.length == 4) text = "ip saddr";
    if (network && e.offset == 16 && e.length == 4) text = "ip daddr";
    if (network && e.offset == 8 && e.length == 16) text = "ip6 saddr";
    if (network && e.offset == 24 && e.length == 16) text = "ip6 daddr";
    Hold(e.to, std::move(text), e.length);
  }
  void operator()(const Bitwise& e) {
    Hold(e.to, absl::StrCat(registers_[e.from].text, " & ", Value(e.from, e.mask)),
         static_cast<uint32_t>(e.mask.size()));
  }
  void operator()(const Cmp& e) {
    const char* op = e.op == NFT_CMP_EQ    ? "=="
                     : e.op == NFT_CMP_NEQ ? "!="
                     : e.op == NFT_CMP_LT  ? "<"
                     : e.op == NFT_CMP_LTE ? "<="
                     : e.op == NFT_CMP_GT  ? ">"
                                           : ">=";
    parts_.push_back(absl::StrCat(registers_[e.from].text, " ", op, " ", Value(e.from, e.value)));
  }
  void operator()(const Fib& e) {
    std::string fields;
    for (const auto& [flag, name] : {std::pair<uint32_t, const char*>{NFTA_FIB_F_SADDR, "saddr"},
                                     {NFTA_FIB_F_DADDR, "daddr"},
                                     {NFTA_FIB_F_MARK, "mark"},
                                     {NFTA_FIB_F_IIF, "iif"},
                                     {NFTA_FIB_F_OIF, "oif"}}) {
      if ((e.flags & flag) != 0) absl::StrAppend(&fields, fields.empty() ? "" : " . ", name);
    }
    const char* result = e.result == NFT_FIB_RESULT_ADDRTYPE ? "type"
                         : e.result == NFT_FIB_RESULT_OIF    ? "oif"
                                                             : "oifname";
    Hold(e.to, absl::StrCat("fib ", fields, " ", result), 4);
  }
  void operator()(const Lookup& e) {
    if (e.to.has_value()) {
      return Hold(*e.to, absl::StrCat(Key(e.from), " map @", e.set), 4);
    }
    parts_.push_back(absl::StrCat(Key(e.from), e.verdict_map ? " vmap" : "",
                                  e.inverted ? " !=" : "", " @", e.set));
  }
  void operator()(const Immediate& e) { parts_.push_back(PrintVerdict(e.verdict)); }
  void operator()(const ImmediateData& e) {
    Hold(e.to, Hex(e.value), static_cast<uint32_t>(e.value.size()));
  }
  void operator()(const ObjectReference& e) {
    parts_.push_back(
        e.type == NFT_OBJECT_COUNTER      ? absl::StrCat("counter name ", e.name)
        : e.type == NFT_OBJECT_CT_HELPER  ? absl::StrCat("ct helper set \"", e.name, "\"")
        : e.type == NFT_OBJECT_CT_TIMEOUT ? absl::StrCat("ct timeout set \"", e.name, "\"")
                                          : absl::StrCat("<object ", e.type, " ", e.name, ">"));
  }
  void operator()(const Limit& e) { parts_.push_back(Text(e)); }
  void operator()(const Connlimit& e) { parts_.push_back(Text(e)); }
  void operator()(const Reject& e) {
    parts_.push_back(e.type == NFT_REJECT_TCP_RST ? "reject with tcp reset"
                     : e.code == NFT_REJECT_ICMPX_PORT_UNREACH
                         ? "reject with icmpx port-unreachable"
                         : "reject with icmpx admin-prohibited");
  }
  void operator()(const Log& e) {
    parts_.push_back(absl::StrCat("log prefix \"", absl::CEscape(e.prefix), "\" group ", e.group,
                                  " snaplen ", e.snap_length, " queue-threshold ",
                                  e.queue_threshold));
  }
  void operator()(const Notrack&) { parts_.push_back("notrack"); }
  void operator()(const Synproxy& e) {
    std::string text = "synproxy";
    if ((e.flags & NF_SYNPROXY_OPT_MSS) != 0) absl::StrAppend(&text, " mss ", e.mss);
    if ((e.flags & NF_SYNPROXY_OPT_WSCALE) != 0) absl::StrAppend(&text, " wscale ", e.window_scale);
    if ((e.flags & NF_SYNPROXY_OPT_TIMESTAMP) != 0) absl::StrAppend(&text, " timestamp");
    if ((e.flags & NF_SYNPROXY_OPT_SACK_PERM) != 0) absl::StrAppend(&text, " sack-perm");
    parts_.push_back(std::move(text));
  }
  void operator()(const Nat& e) {
    parts_.push_back(absl::StrCat(e.type == NFT_NAT_DNAT ? "dnat " : "snat ",
                                  e.family == NFPROTO_IPV4 ? "ip to " : "ip6 to ",
                                  e.address.has_value() ? registers_[*e.address].text : "?"));
  }
  void operator()(const Masquerade&) { parts_.push_back("masquerade"); }
  void operator()(const Redirect& e) {
    parts_.push_back(e.port.has_value() ? absl::StrCat("redirect to :", registers_[*e.port].text)
                                        : "redirect");
  }
  void operator()(const UpdateSet& e) {
    std::string text = absl::StrCat("update @", e.set, " { ", Key(e.from));
    // nft(8) cannot parse a large number of milliseconds.
    const bool whole = e.timeout_millis % 1000 == 0;
    if (e.timeout_millis != 0) {
      absl::StrAppend(&text, " timeout ", whole ? e.timeout_millis / 1000 : e.timeout_millis,
                      whole ? "s" : "ms");
    }
    if (e.limit.has_value()) absl::StrAppend(&text, " ", Text(*e.limit));
    if (e.connlimit.has_value()) absl::StrAppend(&text, " ", Text(*e.connlimit));
    parts_.push_back(absl::StrCat(text, " }"));
  }
  void operator()(const Exthdr& e) {
    Hold(e.to, absl::StrCat("exthdr ", e.type == IPPROTO_ROUTING ? "rt" : absl::StrCat(e.type)), 1);
  }
  void operator()(const Socket& e) {
    Hold(e.to,
         e.key == NFT_SOCKET_CGROUPV2 ? absl::StrCat("socket cgroupv2 level ", e.level)
                                      : absl::StrCat("socket ", e.key),
         8);
  }
  void operator()(const Rt& e) {
    Hold(e.to, e.key == NFT_RT_TCPMSS ? "rt mtu" : absl::StrCat("rt ", e.key), 2);
  }
  // nft(8) does not print this conversion.
  void operator()(const Byteorder& e) { Hold(e.to, registers_[e.from].text, e.length); }
  void operator()(const TcpOptionWrite& e) {
    const bool size = e.type == TCPOPT_MAXSEG && e.offset == 2 && e.length == 2;
    const std::string field =
        size ? "maxseg size" : absl::StrCat("@", e.type, ",", e.offset * 8, ",", e.length * 8);
    parts_.push_back(absl::StrCat("tcp option ", field, " set ", registers_[e.from].text));
  }
  void operator()(const TcpOptionStrip& e) {
    parts_.push_back(absl::StrCat("reset tcp option ",
                                  e.type == TCPOPT_TIMESTAMP ? "timestamp" : absl::StrCat(e.type)));
  }
  void operator()(const Foreign& e) { parts_.push_back(absl::StrCat("<foreign: ", e.name, ">")); }

  std::string Text() const { return absl::StrJoin(parts_, " "); }

 private:
  struct Held {
    std::string text;
    uint32_t bytes = 0;
  };

  static std::string Text(const Limit& e) {
    const std::string unit = e.seconds == 1       ? "second"
                             : e.seconds == 60    ? "minute"
                             : e.seconds == 3600  ? "hour"
                             : e.seconds == 86400 ? "day"
                                                  : absl::StrCat(e.seconds, " s");
    return absl::StrCat("limit rate ", e.packets, "/", unit, " burst ", e.burst, " packets");
  }
  static std::string Text(const Connlimit& e) { return absl::StrCat("ct count ", e.count); }

  void Hold(Register reg, std::string text, uint32_t bytes) {
    registers_[reg % registers_.size()] = {std::move(text), bytes};
    next_ = reg + (bytes + 3) / 4;
  }

  // The fields of a concatenation are in consecutive registers, up to the one that was loaded last.
  std::string Key(Register from) const {
    std::vector<std::string> fields;
    for (uint32_t reg = from; reg < next_ && reg < registers_.size();) {
      fields.push_back(registers_[reg].text);
      reg += std::max<uint32_t>(1, (registers_[reg].bytes + 3) / 4);
    }
    return absl::StrJoin(fields, " . ");
  }

  std::string Value(Register reg, const Bytes& bytes) const {
    const std::string& text = registers_[reg].text;
    if (text == "meta l4proto") return ProtocolName(static_cast<uint8_t>(bytes[0]));
    if (text == "meta nfproto") return bytes[0] == NFPROTO_IPV4 ? "ipv4" : "ipv6";
    if (text.starts_with("ip ") && bytes.size() == 4) {
      return PrintField(Field::kIpv4Address, bytes);
    }
    if (text.starts_with("ip6 ") && bytes.size() == 16) {
      return PrintField(Field::kIpv6Address, bytes);
    }
    if (text.ends_with("port")) return absl::StrCat(NetworkNumber(bytes));
    if (text == "iifname" || text == "oifname") return PrintField(Field::kInterfaceName, bytes);
    if (text == "meta protocol") return bytes == Bytes("\x08\x00", 2) ? "ip" : "ip6";
    if (text.starts_with("fib ") && text.ends_with("type"))
      return AddressTypeName(HostNumber(bytes));
    if (text.starts_with("fib ")) return absl::StrCat(HostNumber(bytes));
    if (text == "ether type") return Hex(bytes);
    if (text.starts_with("socket cgroupv2")) return PrintField(Field::kControlGroup, bytes);
    if (text == "meta pkttype") return absl::StrCat(static_cast<uint8_t>(bytes[0]));
    if (text.starts_with("ct state") || text.starts_with("ct status") || text.ends_with("type") ||
        text.ends_with("rtclassid")) {
      return absl::StrCat("0x", absl::Hex(HostNumber(bytes)));
    }
    return bytes.size() == 1 ? absl::StrCat(static_cast<uint8_t>(bytes[0])) : Hex(bytes);
  }

  std::array<Held, 16> registers_;
  uint32_t next_ = 0;
  std::vector<std::string> parts_;
};

std::string PrintData(const Set& set, absl::string_view data) {
  std::vector<std::string> fields;
  size_t offset = 0;
  for (Field field : set.data) {
    if (offset + Length(field) > data.size()) return Hex(data);
    fields.push_back(PrintField(field, data.substr(offset, Length(field))));
    offset += PaddedLength(field);
  }
  return absl::StrJoin(fields, " . ");
}

std::string PrintObject(const std::string& name, const Object& object) {
  if (const auto* helper = std::get_if<ConntrackHelper>(&object)) {
    return absl::StrCat("\tct helper ", name, " {\n\t\ttype \"", absl::CEscape(helper->module),
                        "\" protocol ", ProtocolName(helper->protocol),
                        "\n\t\tl3proto inet\n\t}\n");
  }
  if (const auto* timeouts = std::get_if<ConntrackTimeouts>(&object)) {
    return absl::StrCat("\tct timeout ", name, " {\n\t\tprotocol ",
                        ProtocolName(timeouts->protocol),
                        "\n\t\t# seconds: ", absl::StrJoin(timeouts->seconds, ", "), "\n\t}\n");
  }
  return absl::StrCat("\tcounter ", name, " {\n\t}\n");
}

std::string PrintSet(const std::string& name, const Set& set, bool elements) {
  const auto types = [](const std::vector<Field>& fields) {
    return absl::StrJoin(fields, " . ", [](std::string* out, Field field) {
      absl::StrAppend(out, FieldTypeName(field));
    });
  };
  const bool map = set.verdict_map || !set.data.empty();
  // nft(8) has no name for the type of raw bytes; it describes them by their place in the packet.
  const bool raw = set.key == std::vector<Field>{Field::kRawPair};
  std::string text = absl::StrCat("\t", map ? "map " : "set ", name, " {\n\t\t",
                                  raw ? "typeof @ll,0,16" : absl::StrCat("type ", types(set.key)),
                                  set.verdict_map     ? " : verdict"
                                  : !set.data.empty() ? absl::StrCat(" : ", types(set.data))
                                                      : "",
                                  "\n");
  if (set.interval) absl::StrAppend(&text, "\t\tflags interval\n");
  if (set.HoldsState()) {
    absl::StrAppend(&text, "\t\tflags ",
                    !set.updated   ? "timeout"
                    : !set.dynamic ? "dynamic"
                                   : "dynamic,timeout",
                    "\n");
  }
  if (set.capacity != 0) absl::StrAppend(&text, "\t\tsize ", set.capacity, "\n");
  if (set.elements.empty()) return text + "\t}\n";
  if (!elements && set.elements.size() > kFewElements) {
    return absl::StrCat(text, "\t\t# ", set.elements.size(), " elements\n\t}\n");
  }
  return absl::StrCat(text, "\t\telements = {\n\t\t\t",
                      absl::StrJoin(set.elements, ",\n\t\t\t",
                                    [&](std::string* out, const Element& element) {
                                      absl::StrAppend(out, PrintElement(set, element));
                                    }),
                      "\n\t\t}\n\t}\n");
}

const char* HookName(uint8_t family, uint32_t number) {
  if (family == kNetdev) return number == NF_NETDEV_INGRESS ? "ingress" : "egress";
  switch (number) {
    case NF_INET_PRE_ROUTING: return "prerouting";
    case NF_INET_LOCAL_IN: return "input";
    case NF_INET_FORWARD: return "forward";
    case NF_INET_LOCAL_OUT: return "output";
    case NF_INET_POST_ROUTING: return "postrouting";
    default: return "?";
  }
}

std::string PrintChain(uint8_t family, const std::string& name, const Chain& chain) {
  std::string text = absl::StrCat("\tchain ", name, " {\n");
  if (chain.hook.has_value()) {
    absl::StrAppend(&text, "\t\ttype ", chain.hook->type, " hook ",
                    HookName(family, chain.hook->number));
    if (!chain.hook->device.empty()) {
      absl::StrAppend(&text, " device \"", absl::CEscape(chain.hook->device), "\"");
    }
    absl::StrAppend(&text, " priority ", chain.hook->priority, "; policy ",
                    chain.hook->policy == NF_DROP ? "drop" : "accept", ";\n");
  }
  for (const Rule& rule : chain.rules) absl::StrAppend(&text, "\t\t", PrintRule(rule), "\n");
  return text + "\t}\n";
}

std::string PrintTable(uint8_t family, const Table& table, bool elements) {
  std::string text =
      absl::StrCat("table ", family == kNetdev ? "netdev " : "inet ", kTableName, " {\n");
  for (const auto& [name, object] : table.objects) {
    absl::StrAppend(&text, PrintObject(name, object));
  }
  for (const auto& [name, set] : table.sets) {
    absl::StrAppend(&text, PrintSet(name, set, elements));
  }
  for (const auto& [name, chain] : table.chains) {
    absl::StrAppend(&text, PrintChain(family, name, chain));
  }
  return text + "}\n";
}

}  // namespace

std::string PrintRule(const Rule& rule) {
  RulePrinter printer;
  for (const Expression& expression : rule.expressions) std::visit(printer, expression);
  return printer.Text();
}

std::string PrintElement(const Set& set, const Element& element) {
  std::vector<std::string> fields;
  size_t offset = 0;
  for (Field field : set.key) {
    const size_t length = Length(field);
    if (length == 0 || offset + length > element.key().size()) return Hex(element.key());
    const std::string first = PrintField(field, element.key().substr(offset, length));
    fields.push_back(first);
    if (element.key().size() == 2 * KeyLength(set.key)) {
      const std::string last =
          PrintField(field, element.key().substr(KeyLength(set.key) + offset, length));
      if (last != first) absl::StrAppend(&fields.back(), "-", last);
    }
    offset += PaddedLength(field);
  }
  if (fields.empty()) return Hex(element.key());
  std::string text = absl::StrJoin(fields, " . ");
  if (const auto verdict = element.verdict()) absl::StrAppend(&text, " : ", PrintVerdict(*verdict));
  if (const auto data = element.data()) absl::StrAppend(&text, " : ", PrintData(set, *data));
  return text;
}

std::string Print(const Ruleset& ruleset, bool elements) {
  std::string text;
  if (ruleset.inet.has_value()) text += PrintTable(kInet, *ruleset.inet, elements);
  if (ruleset.netdev.has_value()) text += PrintTable(kNetdev, *ruleset.netdev, elements);
  return text;
}

}  // namespace firebreak::ruleset
