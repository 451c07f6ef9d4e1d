// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_RULES_H_
#define FIREBREAK_POLICY_DIFFERENCE_RULES_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "policy/difference/box.h"
#include "policy/difference/ruling.h"

namespace firebreak::policy {

enum class Way : uint8_t { kInbound, kOutbound };

// The direction and the family of packets.
struct Plane {
  Way way = Way::kInbound;
  size_t address_bytes = 4;  // 4 for IPv4, 16 for IPv6

  friend bool operator==(const Plane&, const Plane&) = default;
};

// Gives equal numbers to equal rulings, and to equal outcomes.
class Rulings {
 public:
  struct Number {
    uint32_t outcome = 0;
    uint32_t ruling = 0;

    friend bool operator==(const Number&, const Number&) = default;
  };

  Number Add(const Ruling& ruling);
  const Ruling& operator[](uint32_t ruling) const { return rulings_[ruling]; }

 private:
  std::vector<Ruling> rulings_;
  absl::flat_hash_map<Ruling, uint32_t> numbers_;
  absl::flat_hash_map<Outcome, uint32_t> outcomes_;
};

struct Rule {
  Box box;
  Rulings::Number number;
};

// A list in which the first rule whose box holds a packet decides. The last rule's box holds all
// packets.
using RuleList = std::vector<Rule>;

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_RULES_H_
