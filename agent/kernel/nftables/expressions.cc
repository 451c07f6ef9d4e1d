// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/nftables/expressions.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>

#include <optional>
#include <string>
#include <vector>

namespace firebreak::agent {
namespace {

using namespace ruleset;  // the kernel's vocabulary

// Returns the kernel's name of a register. The kernel calls every fourth 32-bit register by the
// name of the 128-bit register that begins there, also in dumps.
uint32_t KernelRegister(Register reg) {
  return reg % 4 == 0 ? NFT_REG_1 + reg / 4 : NFT_REG32_00 + reg;
}

Register OurRegister(uint32_t reg) {
  return static_cast<Register>(reg >= NFT_REG32_00 ? reg - NFT_REG32_00 : (reg - NFT_REG_1) * 4);
}

struct Maker {
  nftnl_expr* operator()(const Meta& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("meta");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_META_KEY, e.key);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_META_DREG, KernelRegister(e.to));
    return expr;
  }
  nftnl_expr* operator()(const Ct& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("ct");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_KEY, e.key);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_DREG, KernelRegister(e.to));
    if (e.direction.has_value()) nftnl_expr_set_u8(expr, NFTNL_EXPR_CT_DIR, *e.direction);
    return expr;
  }
  nftnl_expr* operator()(const Payload& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("payload");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_BASE, e.base);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_OFFSET, e.offset);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_LEN, e.length);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_DREG, KernelRegister(e.to));
    return expr;
  }
  nftnl_expr* operator()(const Bitwise& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("bitwise");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_SREG, KernelRegister(e.from));
    nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_DREG, KernelRegister(e.to));
    nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_OP, NFT_BITWISE_BOOL);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_LEN, static_cast<uint32_t>(e.mask.size()));
    nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_MASK, e.mask.data(),
                   static_cast<uint32_t>(e.mask.size()));
    nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_XOR, e.exclusive_or.data(),
                   static_cast<uint32_t>(e.exclusive_or.size()));
    return expr;
  }
  nftnl_expr* operator()(const Cmp& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("cmp");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_SREG, KernelRegister(e.from));
    nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_OP, e.op);
    nftnl_expr_set(expr, NFTNL_EXPR_CMP_DATA, e.value.data(),
                   static_cast<uint32_t>(e.value.size()));
    return expr;
  }
  nftnl_expr* operator()(const Fib& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("fib");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_FIB_FLAGS, e.flags);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_FIB_RESULT, e.result);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_FIB_DREG, KernelRegister(e.to));
    return expr;
  }
  nftnl_expr* operator()(const Lookup& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("lookup");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_SREG, KernelRegister(e.from));
    if (e.verdict_map) nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_DREG, NFT_REG_VERDICT);
    if (e.to.has_value()) nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_DREG, KernelRegister(*e.to));
    if (e.inverted) nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
    nftnl_expr_set_str(expr, NFTNL_EXPR_LOOKUP_SET, e.set.c_str());
    return expr;
  }
  nftnl_expr* operator()(const Immediate& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("immediate");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_VERDICT, static_cast<uint32_t>(e.verdict.code));
    if (!e.verdict.chain.empty()) {
      nftnl_expr_set_str(expr, NFTNL_EXPR_IMM_CHAIN, e.verdict.chain.c_str());
    }
    return expr;
  }
  nftnl_expr* operator()(const ImmediateData& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("immediate");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, KernelRegister(e.to));
    nftnl_expr_set(expr, NFTNL_EXPR_IMM_DATA, e.value.data(),
                   static_cast<uint32_t>(e.value.size()));
    return expr;
  }
  nftnl_expr* operator()(const ObjectReference& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("objref");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_OBJREF_IMM_TYPE, e.type);
    nftnl_expr_set_str(expr, NFTNL_EXPR_OBJREF_IMM_NAME, e.name.c_str());
    return expr;
  }
  nftnl_expr* operator()(const Limit& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("limit");
    nftnl_expr_set_u64(expr, NFTNL_EXPR_LIMIT_RATE, e.packets);
    nftnl_expr_set_u64(expr, NFTNL_EXPR_LIMIT_UNIT, e.seconds);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_LIMIT_BURST, e.burst);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_LIMIT_TYPE, NFT_LIMIT_PKTS);
    return expr;
  }
  nftnl_expr* operator()(const Connlimit& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("connlimit");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_CONNLIMIT_COUNT, e.count);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_CONNLIMIT_FLAGS, 0);
    return expr;
  }
  nftnl_expr* operator()(const Reject& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("reject");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_REJECT_TYPE, e.type);
    nftnl_expr_set_u8(expr, NFTNL_EXPR_REJECT_CODE, e.code);
    return expr;
  }
  nftnl_expr* operator()(const Log& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("log");
    nftnl_expr_set_str(expr, NFTNL_EXPR_LOG_PREFIX, e.prefix.c_str());
    nftnl_expr_set_u16(expr, NFTNL_EXPR_LOG_GROUP, e.group);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_LOG_SNAPLEN, e.snap_length);
    nftnl_expr_set_u16(expr, NFTNL_EXPR_LOG_QTHRESHOLD, e.queue_threshold);
    return expr;
  }
  nftnl_expr* operator()(const Exthdr& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("exthdr");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_EXTHDR_DREG, KernelRegister(e.to));
    nftnl_expr_set_u8(expr, NFTNL_EXPR_EXTHDR_TYPE, e.type);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_EXTHDR_OFFSET, 0);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_EXTHDR_LEN, 1);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_EXTHDR_FLAGS, NFT_EXTHDR_F_PRESENT);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_EXTHDR_OP, NFT_EXTHDR_OP_IPV6);
    return expr;
  }
  nftnl_expr* operator()(const Notrack&) const { return nftnl_expr_alloc("notrack"); }
  nftnl_expr* operator()(const Synproxy& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("synproxy");
    nftnl_expr_set_u16(expr, NFTNL_EXPR_SYNPROXY_MSS, e.mss);
    nftnl_expr_set_u8(expr, NFTNL_EXPR_SYNPROXY_WSCALE, e.window_scale);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_SYNPROXY_FLAGS, e.flags);
    return expr;
  }
  nftnl_expr* operator()(const Nat& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("nat");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_NAT_TYPE, e.type);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_NAT_FAMILY, e.family);
    if (e.address.has_value()) {
      nftnl_expr_set_u32(expr, NFTNL_EXPR_NAT_REG_ADDR_MIN, KernelRegister(*e.address));
    }
    if (e.port.has_value()) {
      nftnl_expr_set_u32(expr, NFTNL_EXPR_NAT_REG_PROTO_MIN, KernelRegister(*e.port));
    }
    return expr;
  }
  nftnl_expr* operator()(const Masquerade&) const { return nftnl_expr_alloc("masq"); }
  nftnl_expr* operator()(const Redirect& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("redir");
    if (e.port.has_value()) {
      nftnl_expr_set_u32(expr, NFTNL_EXPR_REDIR_REG_PROTO_MIN, KernelRegister(*e.port));
    }
    return expr;
  }
  nftnl_expr* operator()(const UpdateSet& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("dynset");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_DYNSET_SREG_KEY, KernelRegister(e.from));
    nftnl_expr_set_u32(expr, NFTNL_EXPR_DYNSET_OP, NFT_DYNSET_OP_UPDATE);
    nftnl_expr_set_str(expr, NFTNL_EXPR_DYNSET_SET_NAME, e.set.c_str());
    if (e.timeout_millis != 0) {
      nftnl_expr_set_u64(expr, NFTNL_EXPR_DYNSET_TIMEOUT, e.timeout_millis);
    }
    nftnl_expr* meter = e.limit.has_value()       ? (*this)(*e.limit)
                        : e.connlimit.has_value() ? (*this)(*e.connlimit)
                                                  : nullptr;
    // The new expression owns the meter from here on.
    if (meter != nullptr) nftnl_expr_set(expr, NFTNL_EXPR_DYNSET_EXPR, meter, 0);
    return expr;
  }
  nftnl_expr* operator()(const Socket& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("socket");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_SOCKET_KEY, e.key);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_SOCKET_DREG, KernelRegister(e.to));
    if (e.key == NFT_SOCKET_CGROUPV2) {
      nftnl_expr_set_u32(expr, NFTNL_EXPR_SOCKET_LEVEL, e.level);
    }
    return expr;
  }
  nftnl_expr* operator()(const Rt& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("rt");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_RT_KEY, e.key);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_RT_DREG, KernelRegister(e.to));
    return expr;
  }
  nftnl_expr* operator()(const Byteorder& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("byteorder");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_BYTEORDER_SREG, KernelRegister(e.from));
    nftnl_expr_set_u32(expr, NFTNL_EXPR_BYTEORDER_DREG, KernelRegister(e.to));
    nftnl_expr_set_u32(expr, NFTNL_EXPR_BYTEORDER_OP, e.op);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_BYTEORDER_LEN, e.length);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_BYTEORDER_SIZE, e.size);
    return expr;
  }
  nftnl_expr* operator()(const TcpOptionWrite& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("exthdr");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_EXTHDR_SREG, KernelRegister(e.from));
    nftnl_expr_set_u8(expr, NFTNL_EXPR_EXTHDR_TYPE, e.type);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_EXTHDR_OFFSET, e.offset);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_EXTHDR_LEN, e.length);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT);
    return expr;
  }
  // The kernel strips the option if neither a source nor a destination register is given, and then
  // accepts only these two attributes (nft_exthdr_tcp_strip_init).
  nftnl_expr* operator()(const TcpOptionStrip& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("exthdr");
    nftnl_expr_set_u8(expr, NFTNL_EXPR_EXTHDR_TYPE, e.type);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT);
    return expr;
  }
  nftnl_expr* operator()(const Foreign&) const { return nullptr; }
};

// Reads the attributes of one expression.
class Reader {
 public:
  explicit Reader(const nftnl_expr& expr) : expr_(&expr) {}

  bool Has(uint16_t attribute) const { return nftnl_expr_is_set(expr_, attribute); }
  uint32_t Number(uint16_t attribute) const { return nftnl_expr_get_u32(expr_, attribute); }
  Register Reg(uint16_t attribute) const { return OurRegister(Number(attribute)); }
  std::optional<Register> MaybeReg(uint16_t attribute) const {
    return Has(attribute) ? std::optional<Register>(Reg(attribute)) : std::nullopt;
  }
  // Whether NAT has flags besides those which only say that an address or a port is given.
  bool HasFlags(uint16_t attribute) const {
    constexpr uint32_t kImplied = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED;
    return Has(attribute) && (Number(attribute) & ~kImplied) != 0;
  }
  std::string Text(uint16_t attribute) const {
    const char* text = Has(attribute) ? nftnl_expr_get_str(expr_, attribute) : nullptr;
    return text == nullptr ? "" : text;
  }
  Bytes Data(uint16_t attribute) const {
    uint32_t length = 0;
    const void* data = nftnl_expr_get(expr_, attribute, &length);
    return data == nullptr ? Bytes() : Bytes(static_cast<const char*>(data), length);
  }

 private:
  const nftnl_expr* expr_;
};

// Returns Foreign if the expression contains more than one expression, or one that we never write.
Expression ReadUpdate(const nftnl_expr& expression) {
  const Reader read(expression);
  UpdateSet update = {read.Text(NFTNL_EXPR_DYNSET_SET_NAME), read.Reg(NFTNL_EXPR_DYNSET_SREG_KEY),
                      nftnl_expr_get_u64(&expression, NFTNL_EXPR_DYNSET_TIMEOUT)};
  std::vector<Expression> meters;
  nftnl_expr& iterated = const_cast<nftnl_expr&>(expression);  // it is not changed
  nftnl_expr_expr_foreach(
      &iterated,
      [](nftnl_expr* meter, void* all) {
        static_cast<std::vector<Expression>*>(all)->push_back(ReadExpression(*meter));
        return 0;
      },
      &meters);
  if (meters.empty()) return update;
  if (const auto* limit = std::get_if<Limit>(&meters[0])) update.limit = *limit;
  if (const auto* connlimit = std::get_if<Connlimit>(&meters[0])) update.connlimit = *connlimit;
  const bool ours = update.limit.has_value() || update.connlimit.has_value();
  if (meters.size() > 1 || !ours) return Foreign{"dynset"};
  return update;
}

}  // namespace

nftnl_expr* MakeExpression(const Expression& expression) { return std::visit(Maker(), expression); }

Expression ReadExpression(const nftnl_expr& expression) {
  const Reader read(expression);
  const std::string name = nftnl_expr_get_str(&expression, NFTNL_EXPR_NAME);
  if (name == "meta" && read.Has(NFTNL_EXPR_META_DREG)) {
    return Meta{read.Number(NFTNL_EXPR_META_KEY), read.Reg(NFTNL_EXPR_META_DREG)};
  }
  if (name == "ct" && read.Has(NFTNL_EXPR_CT_DREG)) {
    Ct ct = {read.Number(NFTNL_EXPR_CT_KEY), read.Reg(NFTNL_EXPR_CT_DREG)};
    if (read.Has(NFTNL_EXPR_CT_DIR)) {
      ct.direction = nftnl_expr_get_u8(&expression, NFTNL_EXPR_CT_DIR);
    }
    return ct;
  }
  if (name == "fib") {
    return Fib{read.Number(NFTNL_EXPR_FIB_FLAGS), read.Number(NFTNL_EXPR_FIB_RESULT),
               read.Reg(NFTNL_EXPR_FIB_DREG)};
  }
  if (name == "payload" && read.Has(NFTNL_EXPR_PAYLOAD_DREG)) {
    return Payload{read.Number(NFTNL_EXPR_PAYLOAD_BASE), read.Number(NFTNL_EXPR_PAYLOAD_OFFSET),
                   read.Number(NFTNL_EXPR_PAYLOAD_LEN), read.Reg(NFTNL_EXPR_PAYLOAD_DREG)};
  }
  if (name == "bitwise" && read.Number(NFTNL_EXPR_BITWISE_OP) == NFT_BITWISE_BOOL) {
    return Bitwise{read.Reg(NFTNL_EXPR_BITWISE_SREG), read.Reg(NFTNL_EXPR_BITWISE_DREG),
                   read.Data(NFTNL_EXPR_BITWISE_MASK), read.Data(NFTNL_EXPR_BITWISE_XOR)};
  }
  if (name == "cmp") {
    return Cmp{read.Reg(NFTNL_EXPR_CMP_SREG), read.Number(NFTNL_EXPR_CMP_OP),
               read.Data(NFTNL_EXPR_CMP_DATA)};
  }
  if (name == "lookup") {
    Lookup lookup = {.set = read.Text(NFTNL_EXPR_LOOKUP_SET),
                     .from = read.Reg(NFTNL_EXPR_LOOKUP_SREG)};
    lookup.inverted = (read.Number(NFTNL_EXPR_LOOKUP_FLAGS) & NFT_LOOKUP_F_INV) != 0;
    if (read.Has(NFTNL_EXPR_LOOKUP_DREG)) {
      lookup.verdict_map = read.Number(NFTNL_EXPR_LOOKUP_DREG) == NFT_REG_VERDICT;
      if (!lookup.verdict_map) lookup.to = read.Reg(NFTNL_EXPR_LOOKUP_DREG);
    }
    return lookup;
  }
  if (name == "immediate" && read.Number(NFTNL_EXPR_IMM_DREG) == NFT_REG_VERDICT) {
    return Immediate{{static_cast<int32_t>(read.Number(NFTNL_EXPR_IMM_VERDICT)),
                      read.Text(NFTNL_EXPR_IMM_CHAIN)}};
  }
  if (name == "immediate") {
    return ImmediateData{read.Reg(NFTNL_EXPR_IMM_DREG), read.Data(NFTNL_EXPR_IMM_DATA)};
  }
  if (name == "objref" && read.Has(NFTNL_EXPR_OBJREF_IMM_NAME)) {
    return ObjectReference{read.Number(NFTNL_EXPR_OBJREF_IMM_TYPE),
                           read.Text(NFTNL_EXPR_OBJREF_IMM_NAME)};
  }
  if (name == "limit" && read.Number(NFTNL_EXPR_LIMIT_TYPE) == NFT_LIMIT_PKTS &&
      read.Number(NFTNL_EXPR_LIMIT_FLAGS) == 0) {
    return Limit{nftnl_expr_get_u64(&expression, NFTNL_EXPR_LIMIT_RATE),
                 read.Number(NFTNL_EXPR_LIMIT_BURST),
                 nftnl_expr_get_u64(&expression, NFTNL_EXPR_LIMIT_UNIT)};
  }
  if (name == "connlimit" && read.Number(NFTNL_EXPR_CONNLIMIT_FLAGS) == 0) {
    return Connlimit{read.Number(NFTNL_EXPR_CONNLIMIT_COUNT)};
  }
  if (name == "reject") {
    return Reject{read.Number(NFTNL_EXPR_REJECT_TYPE),
                  nftnl_expr_get_u8(&expression, NFTNL_EXPR_REJECT_CODE)};
  }
  if (name == "log" && read.Has(NFTNL_EXPR_LOG_GROUP)) {
    return Log{nftnl_expr_get_u16(&expression, NFTNL_EXPR_LOG_GROUP),
               read.Text(NFTNL_EXPR_LOG_PREFIX), read.Number(NFTNL_EXPR_LOG_SNAPLEN),
               nftnl_expr_get_u16(&expression, NFTNL_EXPR_LOG_QTHRESHOLD)};
  }
  if (name == "exthdr" && read.Has(NFTNL_EXPR_EXTHDR_DREG) &&
      read.Number(NFTNL_EXPR_EXTHDR_OP) == NFT_EXTHDR_OP_IPV6 &&
      read.Number(NFTNL_EXPR_EXTHDR_FLAGS) == NFT_EXTHDR_F_PRESENT) {
    return Exthdr{nftnl_expr_get_u8(&expression, NFTNL_EXPR_EXTHDR_TYPE),
                  read.Reg(NFTNL_EXPR_EXTHDR_DREG)};
  }
  if (name == "exthdr" && read.Has(NFTNL_EXPR_EXTHDR_SREG) &&
      read.Number(NFTNL_EXPR_EXTHDR_OP) == NFT_EXTHDR_OP_TCPOPT) {
    return TcpOptionWrite{nftnl_expr_get_u8(&expression, NFTNL_EXPR_EXTHDR_TYPE),
                          read.Number(NFTNL_EXPR_EXTHDR_OFFSET), read.Number(NFTNL_EXPR_EXTHDR_LEN),
                          read.Reg(NFTNL_EXPR_EXTHDR_SREG)};
  }
  if (name == "exthdr" && !read.Has(NFTNL_EXPR_EXTHDR_SREG) && !read.Has(NFTNL_EXPR_EXTHDR_DREG) &&
      read.Number(NFTNL_EXPR_EXTHDR_OP) == NFT_EXTHDR_OP_TCPOPT) {
    return TcpOptionStrip{nftnl_expr_get_u8(&expression, NFTNL_EXPR_EXTHDR_TYPE)};
  }
  if (name == "socket") {
    const uint32_t key = read.Number(NFTNL_EXPR_SOCKET_KEY);
    return Socket{key, key == NFT_SOCKET_CGROUPV2 ? read.Number(NFTNL_EXPR_SOCKET_LEVEL) : 0,
                  read.Reg(NFTNL_EXPR_SOCKET_DREG)};
  }
  if (name == "rt") return Rt{read.Number(NFTNL_EXPR_RT_KEY), read.Reg(NFTNL_EXPR_RT_DREG)};
  if (name == "byteorder") {
    return Byteorder{read.Reg(NFTNL_EXPR_BYTEORDER_SREG), read.Reg(NFTNL_EXPR_BYTEORDER_DREG),
                     read.Number(NFTNL_EXPR_BYTEORDER_OP), read.Number(NFTNL_EXPR_BYTEORDER_LEN),
                     read.Number(NFTNL_EXPR_BYTEORDER_SIZE)};
  }
  if (name == "notrack") return Notrack();
  if (name == "synproxy") {
    return Synproxy{nftnl_expr_get_u16(&expression, NFTNL_EXPR_SYNPROXY_MSS),
                    nftnl_expr_get_u8(&expression, NFTNL_EXPR_SYNPROXY_WSCALE),
                    read.Number(NFTNL_EXPR_SYNPROXY_FLAGS)};
  }
  if (name == "nat" && !read.HasFlags(NFTNL_EXPR_NAT_FLAGS)) {
    // Without a range, the kernel sets the upper end equal to the lower one.
    return Nat{
        read.Number(NFTNL_EXPR_NAT_TYPE), static_cast<uint8_t>(read.Number(NFTNL_EXPR_NAT_FAMILY)),
        read.MaybeReg(NFTNL_EXPR_NAT_REG_ADDR_MIN), read.MaybeReg(NFTNL_EXPR_NAT_REG_PROTO_MIN)};
  }
  if (name == "masq" && !read.Has(NFTNL_EXPR_MASQ_REG_PROTO_MIN) &&
      !read.HasFlags(NFTNL_EXPR_MASQ_FLAGS)) {
    return Masquerade();
  }
  if (name == "redir" && !read.HasFlags(NFTNL_EXPR_REDIR_FLAGS))
    return Redirect{read.MaybeReg(NFTNL_EXPR_REDIR_REG_PROTO_MIN)};
  if (name == "dynset" && read.Number(NFTNL_EXPR_DYNSET_OP) == NFT_DYNSET_OP_UPDATE) {
    return ReadUpdate(expression);
  }
  return Foreign{name};
}

}  // namespace firebreak::agent
