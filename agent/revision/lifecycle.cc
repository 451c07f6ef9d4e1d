// SPDX-License-Identifier: Apache-2.0
#include "agent/revision/lifecycle.h"

#include <algorithm>

#include "agent/revision/base.h"

namespace firebreak::agent::lifecycle {
namespace {

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace

Base BaseOf(const Standing& standing) {
  return std::visit(Overloaded{[](const Starting& one) { return one.base; },
                               [](const Trial& one) { return one.base; },
                               [](const Undoing& one) {
                                 const auto* trial = std::get_if<Trial>(&one.back_to);
                                 return trial != nullptr ? trial->base
                                                         : std::get<Base>(one.back_to);
                               },
                               [](const auto& one) { return Base(one); }},
                    standing);
}

Target TargetOf(const Base& base) {
  return std::visit(Overloaded{[](const Good& good) { return Target(good.revision); },
                               [](const Nothing&) { return Target(Nothing()); },
                               [](const auto&) { return Target(Shut()); }},
                    base);
}

State MakeState(Settings settings, uint32_t seed) {
  State state;
  state.settings = settings;
  const absl::Duration pause = 2 * absl::FromChrono(settings.reach_timeout);
  state.trying = Backoff(pause, std::max(pause, absl::Minutes(10)));
  state.random.seed(seed);
  return state;
}

std::optional<Time> WakeAt(const State& state) {
  if (state.change.has_value()) return std::nullopt;
  if (const auto* starting = std::get_if<Starting>(&state.standing)) return starting->retry;
  if (const auto* undoing = std::get_if<Undoing>(&state.standing)) return undoing->retry;
  if (const auto* trial = std::get_if<Trial>(&state.standing)) {
    if (trial->until.has_value()) return trial->until;
    if (trial->asked.has_value()) return std::nullopt;
    return trial->next;
  }
  const std::optional<Failed>& failed = state.failed;
  const std::optional<Doubt>& doubt = state.doubt;
  // Only one attempt runs at a time. Its end is an event, which will wake the state.
  if ((failed.has_value() && failed->asked.has_value()) ||
      (doubt.has_value() && doubt->asked.has_value())) {
    return std::nullopt;
  }
  std::optional<Time> at;
  if (failed.has_value() && failed->next != Failed::Next::kNothing) at = failed->at;
  if (doubt.has_value()) at = std::min(at.value_or(doubt->next), doubt->next);
  return at;
}

std::optional<std::variant<Nothing, Shut, Revision>> Wanted(const State& state) {
  if (const auto* trial = std::get_if<Trial>(&state.standing)) return trial->revision;
  if (const auto* undoing = std::get_if<Undoing>(&state.standing)) {
    const auto* trial = std::get_if<Trial>(&undoing->back_to);
    return trial != nullptr ? trial->revision : TargetOf(std::get<Base>(undoing->back_to));
  }
  const Base base = BaseOf(state.standing);
  if (std::holds_alternative<Kept>(base)) return std::nullopt;
  return TargetOf(base);
}

const Revision* InForce(const State& state) {
  if (const auto* trial = std::get_if<Trial>(&state.standing)) return &trial->revision;
  if (const auto* undoing = std::get_if<Undoing>(&state.standing)) {
    if (const auto* trial = std::get_if<Trial>(&undoing->back_to)) return &trial->revision;
  }
  return LastGood(state);
}

const Revision* LastGood(const State& state) {
  const Base* base = nullptr;
  if (const auto* good = std::get_if<Good>(&state.standing)) return &good->revision;
  if (const auto* starting = std::get_if<Starting>(&state.standing)) base = &starting->base;
  if (const auto* trial = std::get_if<Trial>(&state.standing)) base = &trial->base;
  if (const auto* undoing = std::get_if<Undoing>(&state.standing)) {
    const auto* trial = std::get_if<Trial>(&undoing->back_to);
    base = trial != nullptr ? &trial->base : std::get_if<Base>(&undoing->back_to);
  }
  const Good* good = base != nullptr ? std::get_if<Good>(base) : nullptr;
  return good != nullptr ? &good->revision : nullptr;
}

const Base* StartingFrom(const State& state) {
  const auto* starting = std::get_if<Starting>(&state.standing);
  return starting != nullptr ? &starting->base : nullptr;
}

const Revision* FallbackOf(const State& state) {
  if (!state.doubt.has_value()) return nullptr;
  const auto* good = std::get_if<Good>(&state.doubt->fallback);
  return good != nullptr ? &good->revision : nullptr;
}

bool OnTrial(const State& state) {
  return std::holds_alternative<Trial>(state.standing) ||
         std::holds_alternative<Undoing>(state.standing);
}

std::optional<Time> ConfirmUntil(const State& state) {
  const auto* trial = std::get_if<Trial>(&state.standing);
  return trial != nullptr ? trial->until : std::nullopt;
}

}  // namespace firebreak::agent::lifecycle
