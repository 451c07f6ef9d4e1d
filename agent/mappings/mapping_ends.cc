// SPDX-License-Identifier: Apache-2.0

// How MappingDesk follows what mappings end with: their time, their program or unit, the policy.

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/mappings/mapping_desk.h"
#include "agent/mappings/mapping_table.h"
#include "base/log/log.h"
#include "policy/merge/local_mapping.h"

namespace firebreak::agent {
namespace {

using v1::LocalMappingEvent;
using Rows = google::protobuf::RepeatedPtrField<v1::LocalMapping>;

// Clocks are set, and a unit's end may not be heard of.
constexpr absl::Duration kLook = absl::Minutes(1);

std::string WhyOverdue(const Removed& removed) {
  return removed.was_open ? "its time is over" : "nobody has decided about it in 24 hours";
}

const char* WordOf(LocalMappingEvent::Kind kind) {
  switch (kind) {
    case LocalMappingEvent::asked: return "is asked for";
    case LocalMappingEvent::added: return "is added";
    case LocalMappingEvent::granted: return "is granted";
    case LocalMappingEvent::refused: return "is refused";
    case LocalMappingEvent::removed: return "is removed";
    default: return "has ended";
  }
}

}  // namespace

MappingDesk::MappingDesk(EventLoop& loop, StateDirectory& disk, RevisionKeeper& keeper,
                         EventSpool& events, std::function<void()> units_changed)
    : loop_(loop),
      disk_(disk),
      keeper_(keeper),
      events_(events),
      units_changed_(std::move(units_changed)),
      consent_(loop),
      poster_(loop) {}

MappingDesk::~MappingDesk() {
  loop_.Cancel(timer_);
  for (const auto& [number, holder] : holders_) {
    if (holder.process.get() >= 0) loop_.Unwatch(holder.process.get());
  }
}

void MappingDesk::Load() {
  absl::StatusOr<v1::LocalMappings> read = disk_.ReadMappings();
  v1::LocalMappings table;
  std::vector<Ended> ended;
  if (read.ok()) {
    table = *std::move(read);
  } else {
    ended.push_back(
        {{}, absl::StrCat("the host has lost its own mappings: ", read.status().message())});
    // No number is given twice, though it is not known which were.
    table.set_last_number(
        static_cast<uint64_t>(std::max<int64_t>(absl::ToUnixSeconds(absl::Now()), 0)));
  }
  TakeOut(
      [this](const v1::LocalMapping& one) -> std::optional<std::string> {
        absl::StatusOr<Holder> holder = FindHolderAgain(one);
        if (!holder.ok()) return std::string(holder.status().message());
        Hold(one.number(), *std::move(holder));
        return std::nullopt;
      },
      table, ended);
  TakeOverdue(table, ended);
  for (const Ended& one : ended) Tell(LocalMappingEvent::ended, one.mapping, "", one.why);
  if (!ended.empty()) {
    if (absl::Status status = disk_.WriteMappings(table); !status.ok()) LogError(status.message());
  }
  keeper_.UseMappings(std::move(table));
  FollowTable();
}

void MappingDesk::TakeOut(
    const std::function<std::optional<std::string>(const v1::LocalMapping&)>& why,
    v1::LocalMappings& table, std::vector<Ended>& ended) {
  for (Rows* list : {table.mutable_open(), table.mutable_asked()}) {
    for (auto one = list->begin(); one != list->end();) {
      std::optional<std::string> reason = why(*one);
      if (!reason.has_value()) {
        ++one;
        continue;
      }
      ended.push_back({*one, *std::move(reason)});
      one = list->erase(one);
    }
  }
}

void MappingDesk::TakeOverdue(v1::LocalMappings& table, std::vector<Ended>& ended) {
  for (const Removed& removed : RemoveOverdue(absl::Now(), table)) {
    ended.push_back({removed.mapping, WhyOverdue(removed)});
  }
}

std::vector<MappingDesk::Ended> MappingDesk::TakeEnded(v1::LocalMappings& table) const {
  std::vector<Ended> ended;
  TakeOverdue(table, ended);
  // What is on trial may be undone, and with it what it forbids.
  const bool settled = !keeper_.on_trial() && keeper_.receipt().has_value();
  const v1::EffectivePolicy* const policy = settled ? &keeper_.PolicyInForce() : nullptr;
  TakeOut(
      [&](const v1::LocalMapping& one) -> std::optional<std::string> {
        if (const auto holder = holders_.find(one.number()); holder != holders_.end()) {
          if (std::optional<std::string> gone = WhyGone(holder->second)) return gone;
        }
        if (policy == nullptr || policy::LetsOpen(*policy, one)) return std::nullopt;
        return PermissionFor(one).reason;
      },
      table, ended);
  return ended;
}

void MappingDesk::Follow() {
  v1::LocalMappings table = keeper_.mappings();
  if (table.open().empty() && table.asked().empty()) return;
  const std::vector<Ended> ended = TakeEnded(table);
  End(std::move(table), ended);
}

void MappingDesk::LeftOut(const std::string& why) {
  v1::LocalMappings table = keeper_.mappings();
  std::vector<Ended> ended;
  for (const v1::LocalMapping& one : table.open()) {
    ended.push_back({one, absl::StrCat("the policy cannot be enforced with it: ", why)});
  }
  table.clear_open();
  End(std::move(table), ended);
}

void MappingDesk::End(v1::LocalMappings table, const std::vector<Ended>& ended) {
  if (ended.empty()) return FollowTable();
  // Told of first: what has ended in silence would be lost if the agent ended in between.
  for (const Ended& one : ended) {
    if (!told_.insert(one.mapping.number()).second) continue;
    Tell(LocalMappingEvent::ended, one.mapping, "", one.why);
  }
  if (absl::Status status = keeper_.SetMappings(std::move(table)); !status.ok()) {
    LogError("end mappings of the host's own: ", status.message());
    return SetTimer(absl::Seconds(1));
  }
  told_.clear();
  FollowTable();
}

void MappingDesk::Tell(LocalMappingEvent::Kind kind, const v1::LocalMapping& what,
                       const std::string& by, const std::string& reason) {
  LogWarning("mapping ", what.number() == 0 ? "" : absl::StrCat(what.number(), " "), WordOf(kind),
             ": ", DescribeMapping(what), ", for ", what.user(), " with ", what.program(),
             by.empty() ? "" : absl::StrCat(", by ", by),
             reason.empty() ? "" : absl::StrCat(": ", reason));
  v1::HostEvent event;
  LocalMappingEvent& told = *event.mutable_local_mapping();
  told.set_kind(kind);
  *told.mutable_what() = what;
  told.set_by(by);
  told.set_reason(reason);
  if (absl::Status status = events_.Keep(std::move(event)); !status.ok()) {
    LogError(status.message());
  }
}

void MappingDesk::Hold(uint64_t number, Holder holder) {
  if (holder.name.empty()) return;
  const Holder& held = holders_.insert_or_assign(number, std::move(holder)).first->second;
  if (held.process.get() < 0) return;
  loop_.Watch(held.process.get(), [this, number] {
    // The descriptor stays readable.
    const auto found = holders_.find(number);
    if (found != holders_.end()) loop_.Unwatch(found->second.process.get());
    poster_.Post([this] { Follow(); });
  });
}

void MappingDesk::FollowTable() {
  const v1::LocalMappings& table = keeper_.mappings();
  std::set<uint64_t> numbers;
  std::set<std::string> units;
  for (const Rows* list : {&table.open(), &table.asked()}) {
    for (const v1::LocalMapping& one : *list) {
      numbers.insert(one.number());
      if (std::string unit = UnitOfMapping(one); !unit.empty()) units.insert(std::move(unit));
    }
  }
  std::erase_if(holders_, [&](const auto& one) {
    if (numbers.contains(one.first)) return false;
    if (one.second.process.get() >= 0) loop_.Unwatch(one.second.process.get());
    return true;
  });
  SetTimer(absl::Milliseconds(100));
  if (units != units_) {
    units_ = std::move(units);
    poster_.Post([this] { units_changed_(); });
  }
}

void MappingDesk::SetTimer(absl::Duration least) {
  loop_.Cancel(std::exchange(timer_, 0));
  const v1::LocalMappings& table = keeper_.mappings();
  if (table.open().empty() && table.asked().empty()) return;
  const absl::Duration until =
      std::clamp(NextOverdue(table) - absl::Now(), least, std::max(least, kLook));
  timer_ = loop_.RunAfter(absl::ToChronoMilliseconds(until), [this] {
    timer_ = 0;
    Follow();
  });
}

}  // namespace firebreak::agent
