// SPDX-License-Identifier: Apache-2.0
#include "agent/mappings/holder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "agent/kernel/control_groups/units.h"
#include "agent/mappings/check_wanted.h"
#include "agent/switch/process.h"
#include "base/status/status.h"
#include "base/time/timestamp.h"

namespace firebreak::agent {
namespace {

constexpr char kProcess[] = "process ";

bool HasEnded(int handle) {
  pollfd one = {.fd = handle, .events = POLLIN, .revents = 0};
  return poll(&one, 1, 0) != 0;
}

// The path of the process's control group below the root of cgroup v2; empty: unknown.
std::string GroupOf(pid_t process) {
  std::ifstream lines(absl::StrCat("/proc/", process, "/cgroup"));
  for (std::string line; std::getline(lines, line);) {
    if (absl::string_view path = line; absl::ConsumePrefix(&path, "0::")) return std::string(path);
  }
  return "";
}

// Whether the process is in the unit's control group, or below it.
bool BelongsTo(pid_t process, const std::string& root, const std::string& unit) {
  const std::string group = absl::StrCat(root, GroupOf(process), "/");
  bool belongs = false;
  WalkUnits(root, [&](const std::string& one, const std::string& directory, uint32_t) {
    belongs = belongs || (one == unit && absl::StartsWith(group, absl::StrCat(directory, "/")));
  });
  return belongs;
}

absl::StatusOr<Holder> FindProgram(const Caller& caller) {
  if (caller.process_handle == nullptr || caller.process <= 0) {
    return absl::FailedPreconditionError(
        "the kernel does not tell which program asks; name a time or a unit instead");
  }
  Holder holder = {.name = absl::StrCat(kProcess, caller.process),
                   .process = Descriptor(fcntl(caller.process_handle->get(), F_DUPFD_CLOEXEC, 0))};
  if (holder.process.get() < 0) return absl::ErrnoToStatus(errno, "hold on to who asks");
  if (HasEnded(holder.process.get()))
    return absl::NotFoundError("the program that asked has ended");
  return holder;
}

absl::StatusOr<Holder> FindUnit(const std::string& unit) {
  const std::vector<uint64_t> groups = ControlGroupsOf(FindControlGroups(), unit);
  if (groups.empty()) {
    return absl::NotFoundError(absl::StrCat("unit ", unit, " does not run on this host"));
  }
  return Holder{.name = unit, .process = Descriptor(), .group = groups.back()};
}

}  // namespace

absl::StatusOr<Holder> FindHolder(const std::string& unit, const Caller& caller) {
  if (unit.empty()) return Holder();
  if (unit == kWithTheProgram) return FindProgram(caller);
  ASSIGN_OR_RETURN(Holder holder, FindUnit(unit));
  if (caller.may_act) return holder;
  const std::optional<std::string> root = FindControlGroups();
  const bool belongs = root.has_value() && BelongsTo(caller.process, *root, unit);
  // Looked at afterwards: until then nobody else had its number.
  if (belongs && IsThere(caller)) return holder;
  return absl::PermissionDeniedError(
      absl::StrCat("the program that asks does not belong to unit ", unit));
}

absl::StatusOr<Holder> FindHolderAgain(const v1::LocalMapping& mapping) {
  absl::string_view name = mapping.unit();
  if (name.empty()) return Holder();
  if (!absl::ConsumePrefix(&name, kProcess)) return FindUnit(mapping.unit());
  const absl::Status gone = absl::NotFoundError(absl::StrCat(mapping.unit(), " has ended"));
  pid_t number = 0;
  if (!absl::SimpleAtoi(name, &number) || number <= 0) return gone;
  Holder holder = {.name = mapping.unit(),
                   .process = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, number, 0)))};
  if (holder.process.get() < 0) return gone;
  const absl::StatusOr<Process> process = ReadProcess(number);
  // Looked at afterwards: what was read was this process then.
  if (!process.ok() || HasEnded(holder.process.get())) return gone;
  if (StartOf(*process) > FromTimestamp(mapping.at())) return gone;
  return holder;
}

bool IsThere(const Caller& caller) {
  return caller.process_handle != nullptr && !HasEnded(caller.process_handle->get());
}

std::optional<std::string> WhyGone(const Holder& holder) {
  if (holder.process.get() >= 0) {
    if (!HasEnded(holder.process.get())) return std::nullopt;
    return absl::StrCat(holder.name, " has ended");
  }
  if (holder.group == 0) return std::nullopt;
  const absl::StatusOr<Holder> now = FindUnit(holder.name);
  if (now.ok() && now->group == holder.group) return std::nullopt;
  return absl::StrCat("unit ", holder.name, " has ended");
}

std::string UnitOfMapping(const v1::LocalMapping& mapping) {
  return absl::StartsWith(mapping.unit(), kProcess) ? "" : mapping.unit();
}

}  // namespace firebreak::agent
