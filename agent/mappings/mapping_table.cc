// SPDX-License-Identifier: Apache-2.0
#include "agent/mappings/mapping_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/switch/process.h"
#include "base/status/status.h"
#include "base/time/timestamp.h"
#include "google/protobuf/repeated_field.h"
#include "policy/resources/resolve.h"

namespace firebreak::agent {
namespace {

using List = google::protobuf::RepeatedPtrField<v1::LocalMapping>;

constexpr size_t kMaxBaseName = 40;
// All of what a program may want: a person who decides by it must see the last port, too.
constexpr size_t kMaxDescription = 1536;

List::const_iterator Find(const List& list, uint64_t number) {
  return std::find_if(list.begin(), list.end(),
                      [&](const v1::LocalMapping& one) { return one.number() == number; });
}

bool HasName(const v1::LocalMappings& table, const std::string& name) {
  const auto has = [&](const v1::LocalMapping& one) { return one.mapping().name() == name; };
  return std::any_of(table.open().begin(), table.open().end(), has) ||
         std::any_of(table.asked().begin(), table.asked().end(), has);
}

// Gives the next number, and a name that is unique: open mappings are known by their names in the
// ruleset.
absl::Status Number(v1::LocalMapping& mapping, v1::LocalMappings& table) {
  const uint64_t number = table.last_number() + 1;
  const v1::PortMapping* const one = &mapping.mapping();
  std::string name = policy::MappingNames({&one, 1}).front();
  if (HasName(table, name)) name = absl::StrCat(name.substr(0, kMaxBaseName), "-", number);
  if (HasName(table, name)) {
    return absl::AlreadyExistsError(
        absl::StrCat("another mapping of this host is called ", name, "; give it another name"));
  }
  mapping.mutable_mapping()->set_name(name);
  mapping.set_number(number);
  table.set_last_number(number);
  return absl::OkStatus();
}

absl::Status HasRoomToOpen(const v1::LocalMappings& table) {
  if (table.open_size() < kMaxOpenMappings) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(kMaxOpenMappings,
                   " mappings of this host's own are open already; remove one with `firebreak "
                   "--local mapping remove`"));
}

// Whole seconds, as rules know no smaller times.
void Open(uint64_t seconds, const std::string& by, absl::Time now, v1::LocalMapping& mapping) {
  mapping.set_granted_by(by);
  mapping.set_seconds(seconds);
  mapping.clear_ends();
  if (seconds == 0) return;
  const absl::Time ends = now + absl::Seconds(static_cast<int64_t>(seconds));
  mapping.mutable_ends()->set_seconds(absl::ToUnixSeconds(ends - absl::Nanoseconds(1)) + 1);
}

// What is wanted, without what differs from one wish to the next.
std::string WishOf(v1::LocalMapping mapping) {
  v1::LocalMapping wish;
  mapping.mutable_mapping()->clear_name();
  *wish.mutable_mapping() = std::move(*mapping.mutable_mapping());
  wish.set_interface(mapping.interface());
  wish.set_location(mapping.location());
  wish.set_unit(mapping.unit());
  wish.set_uid(mapping.uid());
  return wish.SerializeAsString();
}

absl::Status NoSuchRequest(uint64_t number) {
  return absl::NotFoundError(absl::StrCat("no request has the number ", number,
                                          "; it may have been decided or have ended"));
}

// The moment from which on it is over.
absl::Time OverAt(const v1::LocalMapping& mapping, bool open) {
  if (!open) return FromTimestamp(mapping.at()) + kRequestPatience;
  return mapping.has_ends() ? FromTimestamp(mapping.ends()) : absl::InfiniteFuture();
}

void RemoveOverdue(absl::Time now, bool open, List& list, std::vector<Removed>& removed) {
  for (auto one = list.begin(); one != list.end();) {
    if (OverAt(*one, open) > now) {
      ++one;
      continue;
    }
    removed.push_back({std::move(*one), open});
    one = list.erase(one);
  }
}

}  // namespace

absl::StatusOr<v1::LocalMapping> AddMapping(v1::LocalMapping wanted, const std::string& by,
                                            absl::Time now, v1::LocalMappings& table) {
  RETURN_IF_ERROR(HasRoomToOpen(table));
  RETURN_IF_ERROR(Number(wanted, table));
  *wanted.mutable_at() = ToTimestamp(now);
  Open(wanted.seconds(), by, now, wanted);
  *table.add_open() = wanted;
  return wanted;
}

absl::StatusOr<Asked> AskForMapping(v1::LocalMapping wanted, absl::Time now,
                                    v1::LocalMappings& table) {
  const std::string wish = WishOf(wanted);
  int of_user = 0;
  for (const List* list : {&table.asked(), &table.open()}) {
    for (const v1::LocalMapping& one : *list) {
      if (WishOf(one) == wish) return Asked{.mapping = one, .is_new = false};
      if (list == &table.asked() && one.uid() == wanted.uid()) ++of_user;
    }
  }
  if (of_user >= kMaxRequestsOfAUser) {
    return absl::ResourceExhaustedError(absl::StrCat(
        of_user, " requests of this user wait already; take one back, or wait for a decision"));
  }
  if (table.asked_size() >= kMaxRequests) {
    return absl::ResourceExhaustedError(
        absl::StrCat(kMaxRequests, " requests wait on this host already; try again later"));
  }
  RETURN_IF_ERROR(Number(wanted, table));
  *wanted.mutable_at() = ToTimestamp(now);
  wanted.clear_granted_by();
  wanted.clear_ends();
  *table.add_asked() = wanted;
  return Asked{.mapping = std::move(wanted)};
}

absl::StatusOr<v1::LocalMapping> GrantMapping(uint64_t number, uint64_t seconds,
                                              const std::string& by, absl::Time now,
                                              v1::LocalMappings& table) {
  const auto found = Find(table.asked(), number);
  if (found == table.asked().end()) return NoSuchRequest(number);
  if (seconds > kMostMappingSeconds) {
    return absl::InvalidArgumentError("10 years are the longest; leave \"seconds\" out");
  }
  RETURN_IF_ERROR(HasRoomToOpen(table));
  v1::LocalMapping granted = *found;
  table.mutable_asked()->erase(found);
  Open(seconds != 0 ? seconds : granted.seconds(), by, now, granted);
  *table.add_open() = granted;
  return granted;
}

absl::StatusOr<Removed> RemoveMapping(uint64_t number, std::optional<uint32_t> user,
                                      v1::LocalMappings& table) {
  for (const bool open : {true, false}) {
    List& list = open ? *table.mutable_open() : *table.mutable_asked();
    const auto found = Find(list, number);
    if (found == list.end()) continue;
    // The same words for those of others as for none: whoever only asks learns nothing of them.
    if (user.has_value() && found->uid() != *user) break;
    Removed removed = {.mapping = *found, .was_open = open};
    list.erase(found);
    return removed;
  }
  return absl::NotFoundError(absl::StrCat("there is no mapping ", number,
                                          user.has_value() ? " of yours" : " of this host's own",
                                          "; it may have ended"));
}

absl::StatusOr<v1::LocalMapping> RemoveRequest(uint64_t number, v1::LocalMappings& table) {
  const auto found = Find(table.asked(), number);
  if (found == table.asked().end()) return NoSuchRequest(number);
  v1::LocalMapping request = *found;
  table.mutable_asked()->erase(found);
  return request;
}

std::vector<Removed> RemoveOverdue(absl::Time now, v1::LocalMappings& table) {
  std::vector<Removed> removed;
  RemoveOverdue(now, /*open=*/true, *table.mutable_open(), removed);
  RemoveOverdue(now, /*open=*/false, *table.mutable_asked(), removed);
  return removed;
}

absl::Time NextOverdue(const v1::LocalMappings& table) {
  absl::Time next = absl::InfiniteFuture();
  for (const v1::LocalMapping& one : table.open()) next = std::min(next, OverAt(one, true));
  for (const v1::LocalMapping& one : table.asked()) next = std::min(next, OverAt(one, false));
  return next;
}

std::string DescribeMapping(const v1::LocalMapping& mapping) {
  const v1::PortMapping& what = mapping.mapping();
  const std::string ports = absl::StrJoin(what.ports(), ",");
  std::string text = what.service();
  if (text.empty()) {
    text = what.protocol().empty() || ports.empty() ? absl::StrCat(what.protocol(), ports)
                                                    : absl::StrCat(what.protocol(), " ", ports);
  }
  if (!what.types().empty()) absl::StrAppend(&text, " ", absl::StrJoin(what.types(), ","));
  if (!what.from().empty()) absl::StrAppend(&text, " from ", absl::StrJoin(what.from(), ","));
  if (!mapping.interface().empty()) absl::StrAppend(&text, " on ", mapping.interface());
  if (!mapping.location().empty()) absl::StrAppend(&text, " at ", mapping.location());
  return Plain(text, kMaxDescription);
}

}  // namespace firebreak::agent
