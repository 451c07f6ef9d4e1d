#include "agent/kernel/nftables/expressions.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <string>

namespace firebreak::agent {
namespace {

using namespace ruleset;  // The kernel's vocabulary, all of it.

// The kernel names every fourth 32-bit register also by the 128-bit one that begins there, and
// uses that name when it dumps.
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
  nftnl_expr* operator()(const Lookup& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("lookup");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_SREG, KernelRegister(e.from));
    if (e.verdict_map) nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_DREG, NFT_REG_VERDICT);
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
  nftnl_expr* operator()(const CounterReference& e) const {
    nftnl_expr* expr = nftnl_expr_alloc("objref");
    nftnl_expr_set_u32(expr, NFTNL_EXPR_OBJREF_IMM_TYPE, NFT_OBJECT_COUNTER);
    nftnl_expr_set_str(expr, NFTNL_EXPR_OBJREF_IMM_NAME, e.name.c_str());
    return expr;
  }
  nftnl_expr* operator()(const Foreign&) const { return nullptr; }
};

// Reads attributes of one expression.
class Reader {
 public:
  explicit Reader(const nftnl_expr& expr) : expr_(&expr) {}

  bool Has(uint16_t attribute) const { return nftnl_expr_is_set(expr_, attribute); }
  uint32_t Number(uint16_t attribute) const { return nftnl_expr_get_u32(expr_, attribute); }
  Register Reg(uint16_t attribute) const { return OurRegister(Number(attribute)); }
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

}  // namespace

nftnl_expr* MakeExpression(const Expression& expression) { return std::visit(Maker(), expression); }

Expression ReadExpression(const nftnl_expr& expression) {
  const Reader read(expression);
  const std::string name = nftnl_expr_get_str(&expression, NFTNL_EXPR_NAME);
  if (name == "meta" && read.Has(NFTNL_EXPR_META_DREG)) {
    return Meta{read.Number(NFTNL_EXPR_META_KEY), read.Reg(NFTNL_EXPR_META_DREG)};
  }
  if (name == "ct" && read.Has(NFTNL_EXPR_CT_DREG) && !read.Has(NFTNL_EXPR_CT_DIR)) {
    return Ct{read.Number(NFTNL_EXPR_CT_KEY), read.Reg(NFTNL_EXPR_CT_DREG)};
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
    const bool verdict_map = read.Has(NFTNL_EXPR_LOOKUP_DREG);
    if (!verdict_map || read.Number(NFTNL_EXPR_LOOKUP_DREG) == NFT_REG_VERDICT) {
      const bool inverted = (read.Number(NFTNL_EXPR_LOOKUP_FLAGS) & NFT_LOOKUP_F_INV) != 0;
      return Lookup{read.Text(NFTNL_EXPR_LOOKUP_SET), read.Reg(NFTNL_EXPR_LOOKUP_SREG), verdict_map,
                    inverted};
    }
  }
  if (name == "immediate" && read.Number(NFTNL_EXPR_IMM_DREG) == NFT_REG_VERDICT) {
    return Immediate{{static_cast<int32_t>(read.Number(NFTNL_EXPR_IMM_VERDICT)),
                      read.Text(NFTNL_EXPR_IMM_CHAIN)}};
  }
  if (name == "objref" && read.Has(NFTNL_EXPR_OBJREF_IMM_NAME) &&
      read.Number(NFTNL_EXPR_OBJREF_IMM_TYPE) == NFT_OBJECT_COUNTER) {
    return CounterReference{read.Text(NFTNL_EXPR_OBJREF_IMM_NAME)};
  }
  return Foreign{name};
}

}  // namespace firebreak::agent
