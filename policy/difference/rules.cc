// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/rules.h"

namespace firebreak::policy {

Rulings::Number Rulings::Add(const Ruling& ruling) {
  const auto outcome =
      outcomes_.emplace(ruling.outcome, static_cast<uint32_t>(outcomes_.size())).first->second;
  const auto [found, added] = numbers_.emplace(ruling, static_cast<uint32_t>(rulings_.size()));
  if (added) rulings_.push_back(ruling);
  return {.outcome = outcome, .ruling = found->second};
}

}  // namespace firebreak::policy
