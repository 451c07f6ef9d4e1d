// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/plan_bdd.h"

#include <bdd.h>

#include <span>
#include <utility>

namespace firebreak::bench {
namespace {

constexpr int kProtocolBits = 8, kPortBits = 16;
constexpr int kPortAt = kProtocolBits, kAddressAt = kPortAt + kPortBits;

// Returns the diagram in which the variables from `at` on have the bits of `number`, highest bit
// first.
bdd Literal(policy::AddressNumber number, int bits, int at, int bit) {
  return (number >> (bits - 1 - bit) & 1) != 0 ? bdd_ithvar(at + bit) : bdd_nithvar(at + bit);
}

bdd AtLeast(policy::AddressNumber bound, int bits, int at) {
  bdd result = bddtrue;
  for (int bit = bits - 1; bit >= 0; --bit) {
    const bdd variable = bdd_ithvar(at + bit);
    const bool set = (bound >> (bits - 1 - bit) & 1) != 0;
    result = set ? variable & result : variable | result;
  }
  return result;
}

bdd AtMost(policy::AddressNumber bound, int bits, int at) {
  bdd result = bddtrue;
  for (int bit = bits - 1; bit >= 0; --bit) {
    const bdd variable = bdd_nithvar(at + bit);
    const bool set = (bound >> (bits - 1 - bit) & 1) != 0;
    result = set ? variable | result : variable & result;
  }
  return result;
}

bdd Within(policy::AddressNumber first, policy::AddressNumber last, int bits, int at) {
  return AtLeast(first, bits, at) & AtMost(last, bits, at);
}

bdd InPrefix(const v1::Prefix& prefix, int bits) {
  const policy::AddressNumber address = policy::ToAddressNumber(prefix.address());
  bdd result = bddtrue;
  for (int bit = static_cast<int>(prefix.length()) - 1; bit >= 0; --bit) {
    result = Literal(address, bits, kAddressAt, bit) & result;
  }
  return result;
}

bdd CoveredBy(const v1::Mapping& mapping, int address_bits) {
  bdd remote = mapping.remote().empty() ? bdd(bddtrue) : bdd(bddfalse);
  for (const v1::Prefix& prefix : mapping.remote()) {
    if (static_cast<int>(prefix.address().size() * 8) != address_bits) continue;
    remote = remote | InPrefix(prefix, address_bits);
  }
  bdd ports = bddfalse;
  for (const v1::PortRange& range : mapping.ports()) {
    ports = ports | (Within(range.protocol(), range.protocol(), kProtocolBits, 0) &
                     Within(range.first(), range.last(), kPortBits, kPortAt));
  }
  return ports & remote;
}

// The packets that a part of a list lets in, and those that it decides about.
struct Judged {
  bdd admitted = bddfalse;
  bdd covered = bddfalse;
};

// Combines halves of the list: adding one mapping after the other would walk through the growing
// diagram for each.
Judged JudgedBy(std::span<const v1::Mapping> mappings, int address_bits) {
  if (mappings.empty()) return {};
  if (mappings.size() == 1) {
    const bdd covered = CoveredBy(mappings[0], address_bits);
    const bool allow = mappings[0].action() == v1::Traffic::allow;
    return {allow ? covered : bdd(bddfalse), covered};
  }
  const size_t half = mappings.size() / 2;
  const Judged first = JudgedBy(mappings.first(half), address_bits);
  const Judged second = JudgedBy(mappings.subspan(half), address_bits);
  return {first.admitted | (second.admitted - first.covered), first.covered | second.covered};
}

}  // namespace

struct BddPlan::Sets {
  std::vector<bdd> all;
};

BddPlan::BddPlan(size_t address_bytes) : address_bits_(static_cast<int>(address_bytes) * 8) {
  constexpr int kNodes = 4'000'000, kCache = 400'000;
  bdd_init(kNodes, kCache);
  bdd_setmaxincrease(kNodes);
  bdd_setvarnum(kAddressAt + address_bits_);
  bdd_gbc_hook(nullptr);
  sets_ = std::make_unique<Sets>();
}

BddPlan::~BddPlan() {
  sets_.reset();
  bdd_done();
}

size_t BddPlan::Build(const std::vector<v1::Mapping>& mappings) {
  sets_->all.push_back(JudgedBy(mappings, address_bits_).admitted);
  return sets_->all.size() - 1;
}

size_t BddPlan::OnlyIn(size_t first, size_t second) {
  sets_->all.push_back(sets_->all[second] - sets_->all[first]);
  return sets_->all.size() - 1;
}

size_t BddPlan::Union(const std::vector<policy::Box>& boxes) {
  using policy::Box;
  // Combines pairs: adding one box after the other would walk through the growing diagram for each.
  std::vector<bdd> parts;
  for (const Box& box : boxes) {
    parts.push_back(Within(box.First(Box::kProtocol), box.Last(Box::kProtocol), kProtocolBits, 0) &
                    Within(box.First(Box::kPort), box.Last(Box::kPort), kPortBits, kPortAt) &
                    Within(box.first_address, box.last_address, address_bits_, kAddressAt));
  }
  while (parts.size() > 1) {
    std::vector<bdd> halved;
    for (size_t i = 0; i < parts.size(); i += 2) {
      halved.push_back(i + 1 < parts.size() ? parts[i] | parts[i + 1] : parts[i]);
    }
    parts = std::move(halved);
  }
  sets_->all.push_back(parts.empty() ? bdd(bddfalse) : parts[0]);
  return sets_->all.size() - 1;
}

bool BddPlan::Same(size_t one, size_t other) const { return sets_->all[one] == sets_->all[other]; }

}  // namespace firebreak::bench
