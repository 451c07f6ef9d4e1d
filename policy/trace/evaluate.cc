#include "policy/trace/evaluate.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include <algorithm>
#include <array>
#include <utility>

namespace firebreak::policy {
namespace {

using namespace ruleset;  // The kernel's vocabulary, all of it.

// The kernel refuses rules that loop, and nests jumps no deeper (NFT_JUMP_STACK_SIZE).
constexpr size_t kJumpStack = 16;

class Registers {
 public:
  // Pads with zeros to whole registers, as the kernel does.
  void Store(Register to, const void* bytes, size_t length) {
    const size_t at = to * 4u;
    const size_t padded = (length + 3) / 4 * 4;
    if (at + padded > bytes_.size()) return;
    memset(bytes_.data() + at, 0, padded);
    memcpy(bytes_.data() + at, bytes, length);
  }
  template <typename T>
  void Store(Register to, T number) {
    Store(to, &number, sizeof number);
  }
  Bytes Load(Register from, size_t length) const {
    const size_t at = from * 4u;
    return at + length > bytes_.size() ? Bytes() : Bytes(bytes_.data() + at, length);
  }

 private:
  std::array<char, 64> bytes_ = {};
};

const Element* FindInterval(const Set& set, const Bytes& key) {
  for (const Element& element : set.elements) {
    if (element.key.size() != 2 * key.size()) continue;
    size_t at = 0;
    bool inside = true;
    for (Field field : set.key) {
      const size_t length = Length(field);
      const auto compare = [&](size_t bound) {
        return memcmp(key.data() + at, element.key.data() + bound + at, length);
      };
      inside = inside && compare(0) >= 0 && compare(key.size()) <= 0;
      at += PaddedLength(field);
    }
    if (inside) return &element;
  }
  return nullptr;
}

const Element* Find(const Set& set, const Bytes& key) {
  if (key.size() != KeyLength(set.key)) return nullptr;
  if (set.interval) return FindInterval(set, key);
  const auto found = std::lower_bound(
      set.elements.begin(), set.elements.end(), key,
      [](const Element& element, const Bytes& wanted) { return element.key < wanted; });
  return found != set.elements.end() && found->key == key ? &*found : nullptr;
}

// What an expression leaves behind.
enum class Next { kExpression, kRule, kVerdict };

class Machine {
 public:
  Machine(const Table& table, const Packet& packet) : table_(table), packet_(packet) {}

  Decision Run(const std::string& base_chain) && {
    const auto base = table_.chains.find(base_chain);
    if (base == table_.chains.end()) return {.accepted = true};
    const Verdict verdict = RunChain(base_chain, 0);
    if (verdict.code == NF_ACCEPT || verdict.code == NF_DROP) {
      decision_.accepted = verdict.code == NF_ACCEPT;
    } else {
      decision_.by_policy = true;
      decision_.accepted = !base->second.hook.has_value() || base->second.hook->policy != NF_DROP;
    }
    return std::move(decision_);
  }

 private:
  // NFT_CONTINUE at the end of a chain: back to the rule behind the jump that led here.
  Verdict RunChain(const std::string& name, size_t depth) {
    const auto chain = table_.chains.find(name);
    if (chain == table_.chains.end() || depth > kJumpStack) return {.code = NF_DROP};
    for (size_t i = 0; i < chain->second.rules.size(); ++i) {
      Verdict verdict = RunRule(name, i, chain->second.rules[i]);
      switch (verdict.code) {
        case NFT_CONTINUE: break;
        case NFT_RETURN: return {.code = NFT_CONTINUE};
        case NFT_GOTO: return RunChain(verdict.chain, depth + 1);
        case NFT_JUMP: {
          Verdict inner = RunChain(verdict.chain, depth + 1);
          if (inner.code != NFT_CONTINUE) return inner;
          break;
        }
        default: return verdict;
      }
    }
    return {.code = NFT_CONTINUE};
  }

  Verdict RunRule(const std::string& chain, size_t index, const Rule& rule) {
    verdict_ = {.code = NFT_CONTINUE};
    step_ = {.chain = chain, .rule = index};
    for (const Expression& expression : rule.expressions) {
      const Next next = std::visit([this](const auto& e) { return Run(e); }, expression);
      if (next == Next::kRule) return {.code = NFT_CONTINUE};
      if (next == Next::kVerdict) {
        decision_.steps.push_back(std::move(step_));
        return verdict_;
      }
    }
    return {.code = NFT_CONTINUE};
  }

  Next Run(const Meta& e) {
    switch (e.key) {
      case NFT_META_L4PROTO: registers_.Store(e.to, packet_.protocol); break;
      case NFT_META_NFPROTO: registers_.Store(e.to, packet_.family); break;
      case NFT_META_IIF: registers_.Store(e.to, packet_.in ? packet_.in->index : 0u); break;
      case NFT_META_OIF: registers_.Store(e.to, packet_.out ? packet_.out->index : 0u); break;
      case NFT_META_IIFNAME: StoreName(e.to, packet_.in); break;
      case NFT_META_OIFNAME: StoreName(e.to, packet_.out); break;
      case NFT_META_IIFTYPE:
        if (!packet_.in) return Next::kRule;
        registers_.Store(e.to, packet_.in->type);
        break;
      case NFT_META_OIFTYPE:
        if (!packet_.out) return Next::kRule;
        registers_.Store(e.to, packet_.out->type);
        break;
      default: return Next::kRule;
    }
    return Next::kExpression;
  }

  Next Run(const Ct& e) {
    if (e.key != NFT_CT_STATE) return Next::kRule;
    registers_.Store(e.to, packet_.state);
    return Next::kExpression;
  }

  Next Run(const Payload& e) {
    const Bytes& header =
        e.base == NFT_PAYLOAD_NETWORK_HEADER ? packet_.network : packet_.transport;
    if (e.base == NFT_PAYLOAD_LL_HEADER || e.offset + e.length > header.size()) return Next::kRule;
    registers_.Store(e.to, header.data() + e.offset, e.length);
    return Next::kExpression;
  }

  Next Run(const Bitwise& e) {
    Bytes value = registers_.Load(e.from, e.mask.size());
    for (size_t i = 0; i < value.size(); ++i) {
      value[i] = static_cast<char>((value[i] & e.mask[i]) ^ e.exclusive_or[i]);
    }
    registers_.Store(e.to, value.data(), value.size());
    return Next::kExpression;
  }

  Next Run(const Cmp& e) {
    const int order = registers_.Load(e.from, e.value.size()).compare(e.value);
    const bool holds = e.op == NFT_CMP_EQ    ? order == 0
                       : e.op == NFT_CMP_NEQ ? order != 0
                       : e.op == NFT_CMP_LT  ? order < 0
                       : e.op == NFT_CMP_LTE ? order <= 0
                       : e.op == NFT_CMP_GT  ? order > 0
                                             : order >= 0;
    return holds ? Next::kExpression : Next::kRule;
  }

  Next Run(const Lookup& e) {
    const auto set = table_.sets.find(e.set);
    if (set == table_.sets.end()) return Next::kRule;
    const Element* element = Find(set->second, registers_.Load(e.from, KeyLength(set->second.key)));
    if (!e.verdict_map) {
      return (element != nullptr) != e.inverted ? Next::kExpression : Next::kRule;
    }
    if (element == nullptr || element->verdict() == nullptr) return Next::kRule;
    step_.map = e.set;
    step_.element = *element;
    verdict_ = *element->verdict();
    return Next::kVerdict;
  }

  Next Run(const Immediate& e) {
    verdict_ = e.verdict;
    return Next::kVerdict;
  }

  Next Run(const ObjectReference&) { return Next::kExpression; }
  Next Run(const Limit&) { return Next::kExpression; }
  Next Run(const Log&) { return Next::kExpression; }
  Next Run(const Fib&) { return Next::kRule; }
  Next Run(const ImmediateData& e) {
    registers_.Store(e.to, e.value.data(), e.value.size());
    return Next::kExpression;
  }
  Next Run(const Notrack&) { return Next::kExpression; }
  Next Run(const Synproxy&) { return Next::kRule; }
  Next Run(const Nat&) { return Next::kRule; }
  Next Run(const Masquerade&) { return Next::kRule; }
  Next Run(const Redirect&) { return Next::kRule; }
  Next Run(const UpdateSet&) { return Next::kExpression; }
  Next Run(const Foreign&) { return Next::kRule; }

  void StoreName(Register to, const std::optional<Packet::Device>& device) {
    Bytes name = device.has_value() ? device->name : Bytes();
    name.resize(Length(Field::kInterfaceName), '\0');
    registers_.Store(to, name.data(), name.size());
  }

  const Table& table_;
  const Packet& packet_;
  Registers registers_;
  Verdict verdict_;
  Decision::Step step_;
  Decision decision_;
};

}  // namespace

Decision Evaluate(const Table& table, const std::string& base_chain, const Packet& packet) {
  return Machine(table, packet).Run(base_chain);
}

}  // namespace firebreak::policy
