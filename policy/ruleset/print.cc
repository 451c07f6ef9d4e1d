#include "policy/ruleset/print.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include <array>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace firebreak::ruleset {
namespace {

constexpr size_t kFewElements = 8;

std::string Hex(const Bytes& bytes) { return absl::StrCat("0x", absl::BytesToHexString(bytes)); }

// Names that nft knows by itself; others it looks up in /etc/protocols, which may not be there.
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

uint32_t HostNumber(const Bytes& bytes) {
  uint32_t number = 0;
  memcpy(&number, bytes.data(), std::min(bytes.size(), sizeof number));
  return number;
}

uint32_t NetworkNumber(const Bytes& bytes) {
  uint32_t number = 0;
  for (unsigned char byte : bytes) number = number << 8 | byte;
  return number;
}

std::string PrintField(Field field, const Bytes& bytes) {
  char text[INET6_ADDRSTRLEN];
  switch (field) {
    case Field::kIpv4Address: return inet_ntop(AF_INET, bytes.data(), text, sizeof text);
    case Field::kIpv6Address: return inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
    case Field::kProtocol: return ProtocolName(static_cast<uint8_t>(bytes[0]));
    case Field::kPort: return absl::StrCat(NetworkNumber(bytes));
    case Field::kInterfaceIndex: return absl::StrCat(HostNumber(bytes));
    case Field::kInterfaceName:
      return absl::StrCat("\"", absl::CEscape(std::string(bytes.c_str())), "\"");
  }
  return Hex(bytes);
}

std::string PrintVerdict(const Verdict& verdict) {
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
    case Field::kProtocol: return "inet_proto";
    case Field::kPort: return "inet_service";
    case Field::kInterfaceIndex: return "iface_index";
    case Field::kInterfaceName: return "ifname";
  }
  return "foreign";
}

// Follows what the registers hold, in words, and turns comparisons into matches.
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
      default: return Hold(e.to, absl::StrCat("meta ", e.key), 4);
    }
  }
  void operator()(const Ct& e) {
    Hold(e.to, e.key == NFT_CT_STATE ? "ct state" : absl::StrCat("ct ", e.key), 4);
  }
  void operator()(const Payload& e) {
    const bool transport = e.base == NFT_PAYLOAD_TRANSPORT_HEADER;
    const bool network = e.base == NFT_PAYLOAD_NETWORK_HEADER;
    std::string text = absl::StrCat("@",
                                    transport ? "th"
                                    : network ? "nh"
                                              : "ll",
                                    ",", e.offset * 8, ",", e.length * 8);
    if (transport && e.offset == 0 && e.length == 2) text = "th sport";
    if (transport && e.offset == 2 && e.length == 2) text = "th dport";
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
    const char* op = e.op == NFT_CMP_EQ ? "==" : e.op == NFT_CMP_NEQ ? "!=" : "?";
    parts_.push_back(absl::StrCat(registers_[e.from].text, " ", op, " ", Value(e.from, e.value)));
  }
  void operator()(const Lookup& e) {
    parts_.push_back(absl::StrCat(Key(e.from), e.verdict_map ? " vmap" : "",
                                  e.inverted ? " !=" : "", " @", e.set));
  }
  void operator()(const Immediate& e) { parts_.push_back(PrintVerdict(e.verdict)); }
  void operator()(const CounterReference& e) {
    parts_.push_back(absl::StrCat("counter name ", e.name));
  }
  void operator()(const Foreign& e) { parts_.push_back(absl::StrCat("<foreign: ", e.name, ">")); }

  std::string Text() const { return absl::StrJoin(parts_, " "); }

 private:
  struct Held {
    std::string text;
    uint32_t bytes = 0;
  };

  void Hold(Register reg, std::string text, uint32_t bytes) {
    registers_[reg % registers_.size()] = {std::move(text), bytes};
    next_ = reg + (bytes + 3) / 4;
  }

  // The fields of a concatenation stand one after the other up to what was loaded last.
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
    if (text.starts_with("ct state") || text.ends_with("type")) {
      return absl::StrCat("0x", absl::Hex(HostNumber(bytes)));
    }
    return bytes.size() == 1 ? absl::StrCat(static_cast<uint8_t>(bytes[0])) : Hex(bytes);
  }

  std::array<Held, 16> registers_;
  uint32_t next_ = 0;
  std::vector<std::string> parts_;
};

std::string PrintSet(const std::string& name, const Set& set, bool elements) {
  std::string text = absl::StrCat("\t", set.verdict_map ? "map " : "set ", name, " {\n\t\ttype ",
                                  absl::StrJoin(set.key, " . ",
                                                [](std::string* out, Field field) {
                                                  absl::StrAppend(out, FieldTypeName(field));
                                                }),
                                  set.verdict_map ? " : verdict\n" : "\n");
  if (set.interval) absl::StrAppend(&text, "\t\tflags interval\n");
  if (set.dynamic) absl::StrAppend(&text, "\t\tflags timeout\n");
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

std::string PrintChain(const std::string& name, const Chain& chain) {
  std::string text = absl::StrCat("\tchain ", name, " {\n");
  if (chain.hook.has_value()) {
    absl::StrAppend(&text, "\t\ttype ", chain.hook->type, " hook ",
                    chain.hook->number == NF_INET_LOCAL_IN    ? "input"
                    : chain.hook->number == NF_INET_LOCAL_OUT ? "output"
                                                              : absl::StrCat(chain.hook->number),
                    " priority ", chain.hook->priority, "; policy ",
                    chain.hook->policy == NF_DROP ? "drop" : "accept", ";\n");
  }
  for (const Rule& rule : chain.rules) absl::StrAppend(&text, "\t\t", PrintRule(rule), "\n");
  return text + "\t}\n";
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
    if (length == 0 || offset + length > element.key.size()) return Hex(element.key);
    const std::string first = PrintField(field, element.key.substr(offset, length));
    fields.push_back(first);
    if (element.key.size() == 2 * KeyLength(set.key)) {
      const Bytes end = element.key.substr(KeyLength(set.key) + offset, length);
      const std::string last = PrintField(field, end);
      if (last != first) absl::StrAppend(&fields.back(), "-", last);
    }
    offset += PaddedLength(field);
  }
  if (fields.empty()) return Hex(element.key);
  return absl::StrCat(absl::StrJoin(fields, " . "), element.verdict.has_value() ? " : " : "",
                      element.verdict.has_value() ? PrintVerdict(*element.verdict) : "");
}

std::string Print(const Ruleset& ruleset, bool elements) {
  if (!ruleset.has_value()) return "";
  std::string text = absl::StrCat("table inet ", kTableName, " {\n");
  for (const std::string& name : ruleset->counters) {
    absl::StrAppend(&text, "\tcounter ", name, " {\n\t}\n");
  }
  for (const auto& [name, set] : ruleset->sets) {
    absl::StrAppend(&text, PrintSet(name, set, elements));
  }
  for (const auto& [name, chain] : ruleset->chains) absl::StrAppend(&text, PrintChain(name, chain));
  return text + "}\n";
}

}  // namespace firebreak::ruleset
