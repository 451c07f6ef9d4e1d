// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/settings/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <linux/netfilter.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "agent/kernel/settings/setting_name.h"
#include "agent/state/sealed_file.h"
#include "base/files/files.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "policy/compile/kernel_settings.h"

namespace firebreak::agent {
namespace {

using policy::WantedSysctl;
using policy::WantedSysctls;

constexpr size_t kMaxValue = 4096;
constexpr size_t kMaxForeign = 1000;  // not yet taken by TakeForeign
constexpr char kIpv6[] = "net/ipv6/";
constexpr char kIpv6Interfaces[] = "net/ipv6/conf";
constexpr char kAcceptAdvertised[] = "/accept_ra";

std::string ThisBoot() {
  const absl::StatusOr<std::string> boot = ReadSetting("kernel/random/boot_id");
  return boot.ok() ? *boot : "";
}

bool IsForwarding(absl::string_view name) {
  return name == policy::kForwardIpv4 || name == policy::kForwardIpv6;
}

std::string PathOf(const std::string& name) { return absl::StrCat("/proc/sys/", name); }

absl::Status WriteSetting(const std::string& name, const std::string& value) {
  const std::string path = PathOf(name);
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return absl::ErrnoToStatus(errno, absl::StrCat("open ", path));
  const ssize_t written = write(file, value.data(), value.size());
  const int error = errno;
  close(file);
  if (written < 0) {
    return absl::ErrnoToStatus(error, absl::StrCat("write \"", value, "\" to ", path));
  }
  return absl::OkStatus();
}

template <typename Map>
std::vector<std::string> InOrder(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  std::stable_sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return OrderOf(a) < OrderOf(b);
  });
  return names;
}

std::string ProblemOf(const absl::Status& status) {
  if (absl::IsNotFound(status)) {
    return "not supported: this kernel, or this network namespace, does not have it";
  }
  if (absl::IsPermissionDenied(status)) {
    return absl::StrCat("this network namespace may not set it: ", status.message());
  }
  return std::string(status.message());
}

}  // namespace

absl::StatusOr<std::string> ReadSetting(const std::string& name) {
  const std::string path = PathOf(name);
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return absl::ErrnoToStatus(errno, absl::StrCat("open ", path));
  std::string value(kMaxValue, '\0');
  const ssize_t length = read(file, value.data(), value.size());
  const int error = errno;
  close(file);
  if (length < 0) return absl::ErrnoToStatus(error, absl::StrCat("read ", path));
  value.resize(static_cast<size_t>(length));
  return std::string(absl::StripAsciiWhitespace(value));
}

KernelSettings::KernelSettings(std::string file, OthersForward others_forward)
    : file_(std::move(file)), others_forward_(std::move(others_forward)) {
  Load();
}

// Reads the file. A line has these fields, separated by tabs: the name, the value found, the values
// set (separated by bars), the boot ID when the value was last compared, and the interface's index.
// Older agents did not write the last two.
void KernelSettings::Load() {
  if (file_.empty()) return;
  const absl::StatusOr<std::string> text = ReadSealedFile(file_);
  if (!text.ok()) {
    if (!absl::IsNotFound(text.status())) LogError(text.status().message());
    return;
  }
  for (const absl::string_view line : absl::StrSplit(*text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    if (fields.size() < 3 || fields.size() > 5 || absl::StrContains(fields[0], "..")) continue;
    Change change = {.before = fields[1],
                     .of_this_boot = fields.size() < 4 || fields[3] == ThisBoot()};
    if (!fields[2].empty()) change.ours = absl::StrSplit(fields[2], '|');
    if (fields.size() == 5 && !absl::SimpleAtoi(fields[4], &change.interface)) continue;
    changes_[fields[0]] = std::move(change);
  }
}

absl::Status KernelSettings::Save() const {
  if (file_.empty()) return absl::OkStatus();
  if (changes_.empty()) return DeleteFile(file_);
  std::string text;
  for (const auto& [name, change] : changes_) {
    absl::StrAppend(&text, name, "\t", change.before, "\t", absl::StrJoin(change.ours, "|"), "\t",
                    change.of_this_boot ? ThisBoot() : "", "\t", change.interface, "\n");
  }
  return WriteSealedFile(file_, text);
}

bool KernelSettings::HasAnyway(const std::string& name, const std::string& value) const {
  const auto change = changes_.find(name);
  if (change != changes_.end() && change->second.before != value) return false;
  const absl::StatusOr<std::string> found = ReadSetting(name);
  return found.ok() && *found == value;
}

absl::StatusOr<std::string> KernelSettings::Found(const std::string& name) const {
  ASSIGN_OR_RETURN(const std::string value, ReadSetting(name));
  const auto change = changes_.find(name);
  return change != changes_.end() ? change->second.before : FoundFirst(name, value, changes_);
}

Settings KernelSettings::ForAdvertisedRoutes(const WantedSysctls& wanted) const {
  Settings settings;
  const auto forward = wanted.find(policy::kForwardIpv6);
  if (forward == wanted.end() || forward->second.value != "1" ||
      HasAnyway(policy::kForwardIpv6, "1")) {
    return settings;
  }
  std::error_code error;
  // Includes "default", whose value later interfaces get.
  for (const auto& entry : std::filesystem::directory_iterator(PathOf(kIpv6Interfaces), error)) {
    const std::string name =
        absl::StrCat(kIpv6Interfaces, "/", entry.path().filename().string(), kAcceptAdvertised);
    const absl::StatusOr<std::string> found = Found(name);
    if (found.ok() && *found == "1") settings[name] = "2";
  }
  return settings;
}

// Returns the value to remember as found when a sysctl is first set. Usually that is the kernel's
// present value. An interface that appeared while "default" had our value has inherited ours, so
// "default"'s original value counts instead.
std::string KernelSettings::FoundFirst(const std::string& name, const std::string& value,
                                       const Changes& before) const {
  const auto parsed = ParseInterfaceSetting(name);
  if (!parsed.has_value() || parsed->interface == "all" || parsed->interface == "default") {
    return value;
  }
  const auto inherited = before.find(parsed->Of("default"));
  if (inherited == before.end() || !inherited->second.ours.contains(value)) return value;
  return inherited->second.before;
}

// Forgets entries of interfaces whose names now belong to other interfaces. The entries of a
// renamed interface move to its new name.
void KernelSettings::ForgetOthers(const WantedSysctls& wanted) {
  std::map<std::pair<uint32_t, std::string>, std::string> names;
  for (const auto& [name, one] : wanted) {
    const auto parsed = ParseInterfaceSetting(name);
    if (one.interface != 0 && parsed.has_value()) {
      names[{one.interface, parsed->family + parsed->key}] = name;
    }
  }
  for (auto change = changes_.begin(); change != changes_.end();) {
    const auto now = wanted.find(change->first);
    const uint32_t index = change->second.interface;
    const bool other = now != wanted.end() && now->second.interface != index && index != 0 &&
                       now->second.interface != 0;
    const auto parsed = ParseInterfaceSetting(change->first);
    const auto renamed = index == 0 || !parsed.has_value()
                             ? names.end()
                             : names.find({index, parsed->family + parsed->key});
    if (renamed != names.end() && renamed->second != change->first &&
        !changes_.contains(renamed->second)) {
      changes_[renamed->second] = change->second;
    } else if (!other) {
      ++change;
      continue;
    }
    change = changes_.erase(change);
  }
}

bool KernelSettings::IsLeft(const std::string& name, const Change& change) const {
  if (others_forward_ == nullptr || !IsForwarding(name) || change.before == "1") return false;
  if (!others_forward_(name == policy::kForwardIpv4 ? NFPROTO_IPV4 : NFPROTO_IPV6)) return false;
  const absl::StatusOr<std::string> found = ReadSetting(name);
  return found.ok() && *found == "1";
}

absl::Status KernelSettings::SetBack(const std::string& name, const Change& change) const {
  const absl::StatusOr<std::string> found = ReadSetting(name);
  if (!found.ok() || *found == change.before) return absl::OkStatus();
  if (!change.ours.empty() && !change.ours.contains(*found)) return absl::OkStatus();
  RETURN_IF_ERROR(WriteSetting(name, change.before));
  LogInfo(absl::StrCat("set ", name, " back to ", change.before));
  return absl::OkStatus();
}

absl::Status KernelSettings::Restore(const WantedSysctls& wanted) {
  ForgetOthers(wanted);
  // A side effect of a wanted value stays, and is restored after that value is.
  std::set<std::string> followers;
  for (const auto& [name, one] : wanted) {
    for (std::string& effect : SideEffectsOf(name)) followers.insert(std::move(effect));
  }
  absl::Status result;
  bool changed = false;
  for (const std::string& name : InOrder(changes_)) {
    const auto change = changes_.find(name);
    if (change == changes_.end() || wanted.contains(name) || followers.contains(name)) continue;
    if (IsLeft(name, change->second)) {
      LogInfo(absl::StrCat("left ", name, " at 1: others on this host rely on its forwarding"));
      for (const std::string& effect : SideEffectsOf(name)) {
        const auto follower = changes_.find(effect);
        if (follower != changes_.end() && follower->second.ours.empty()) changes_.erase(follower);
      }
    } else if (absl::Status status = SetBack(name, change->second); !status.ok()) {
      // This is retried in the next call. Failing to restore forwarding is an error, because a host
      // must not forward without the rules that filter it. Other values may stay changed.
      LogError(status.message());
      if (IsForwarding(name)) result.Update(status);
      continue;
    }
    wanted_.erase(name);
    watched_.erase(name);
    changes_.erase(change);
    changed = true;
  }
  std::erase_if(wanted_, [&](const auto& one) { return !wanted.contains(one.first); });
  if (changed) result.Update(Save());
  return result;
}

// Remembers the values found, which will be restored. Returns whether the file must be written.
bool KernelSettings::Remember(const WantedSysctls& wanted, const Settings& found) {
  const Changes before = changes_;
  bool changed = false;
  const auto add = [&](const std::string& name, const std::string& value, uint32_t interface) {
    const auto [change, added] = changes_.try_emplace(
        name, Change{.before = FoundFirst(name, value, before), .interface = interface});
    changed = changed || added;
    return change;
  };
  for (const auto& [name, value] : found) {
    const WantedSysctl& one = wanted.at(name);
    const auto change = add(name, value, one.interface);
    if (!std::exchange(change->second.of_this_boot, true)) {
      changed = true;
      // After a reboot, forwarding that is on before our rules are set was set by somebody who does
      // not depend on us, so it stays on. If it is off, whoever set it in an earlier boot may still
      // come. Every other value starts afresh with the kernel.
      if (IsForwarding(name) ? value == one.value : !change->second.ours.contains(value)) {
        change->second.before = value;
        if (IsForwarding(name)) change->second.ours.clear();
      }
    }
    if (change->second.ours.insert(one.value).second) changed = true;
    if (value == one.value) continue;
    for (const std::string& effect : SideEffectsOf(name)) {
      const absl::StatusOr<std::string> followed = ReadSetting(effect);
      if (followed.ok()) add(effect, *followed, 0);
    }
  }
  return changed;
}

absl::Status KernelSettings::Apply(const WantedSysctls& wanted) {
  ForgetOthers(wanted);
  const bool has_ipv6 = access(PathOf(kIpv6).c_str(), F_OK) == 0;
  absl::Status result;
  Settings found;
  const auto fail = [&](const std::string& name, const absl::Status& status) {
    watched_[name].problem = ProblemOf(status);
    if (wanted.at(name).setting.empty()) result.Update(status);
  };
  // Values that were applied before and are unchanged are only checked below, because others may
  // have changed them.
  std::set<std::string> watched;
  for (const auto& [name, one] : wanted) {
    const auto before = wanted_.find(name);
    if (before != wanted_.end() && before->second == one && watched_[name].applied) {
      watched.insert(name);
      continue;
    }
    wanted_[name] = one;
    watched_[name] = {.changed = watched_[name].changed};
    absl::StatusOr<std::string> value = ReadSetting(name);
    if (value.ok()) {
      found[name] = *std::move(value);
    } else if (has_ipv6 || !absl::StartsWith(name, kIpv6) || !one.setting.empty()) {
      fail(name, value.status());
    } else {
      // A host without IPv6 needs no IPv6 settings for its rules.
      wanted_.erase(name);
    }
  }
  const Changes before = changes_;
  const absl::Status saved = Remember(wanted, found) ? Save() : absl::OkStatus();
  for (const std::string& name : InOrder(found)) {
    const WantedSysctl& one = wanted.at(name);
    // The value found must be on the disk before it is overwritten in the kernel; otherwise the
    // value is not set. If the disk has it already, no write is needed.
    const auto known = before.find(name);
    const bool remembered =
        saved.ok() || (known != before.end() && known->second.ours.contains(one.value));
    if (found.at(name) == one.value) {
      watched_[name].applied = true;
      continue;
    }
    if (!remembered) {
      changes_.erase(name);
      if (known != before.end()) changes_[name] = known->second;
      fail(name, saved);
      continue;
    }
    if (absl::Status status = WriteSetting(name, one.value); !status.ok()) {
      fail(name, status);
      continue;
    }
    LogInfo(absl::StrCat("set ", name, " to ", one.value));
    watched_[name].applied = true;
    const std::string now = ReadSetting(name).value_or(one.value);
    if (now == one.value) continue;
    watched_[name].settled = now;
    watched_[name].problem = absl::StrCat("the kernel made ", now, " of ", one.value);
  }
  Check(&watched);
  return result;
}

void KernelSettings::Check(const std::set<std::string>* names) {
  for (const std::string& name : InOrder(wanted_)) {
    if (names != nullptr && !names->contains(name)) continue;
    const WantedSysctl& one = wanted_.at(name);
    Watched& watched = watched_[name];
    const absl::StatusOr<std::string> found = ReadSetting(name);
    if (!found.ok() || !watched.applied) continue;
    if (*found == (watched.settled.empty() ? one.value : watched.settled)) {
      watched.told.clear();
      if (watched.settled.empty()) watched.problem.clear();
      continue;
    }
    ForeignSetting change = {
        .name = name, .wanted = one.value, .found = *found, .policy = one.policy};
    if (!one.told_only || one.keeps) {
      const absl::Status status = WriteSetting(name, one.value);
      change.put_back = status.ok();
      if (!status.ok()) change.error = std::string(status.message());
    }
    watched.problem = change.put_back ? "" : change.error;
    if (one.told_only && !one.keeps) {
      watched.problem =
          absl::StrCat("is ", *found, ", set by another program; the policy does not enforce it");
    }
    // A change that cannot, or must not, be undone is reported only once.
    if (!change.put_back && watched.told == *found) continue;
    watched.told = change.put_back ? "" : *found;
    ++watched.changed;
    if (foreign_.size() < kMaxForeign) foreign_.push_back(std::move(change));
  }
}

std::vector<SettingState> KernelSettings::States() const {
  std::vector<SettingState> states;
  for (const auto& [name, one] : wanted_) {
    SettingState state = {.name = name, .wanted = one};
    if (const auto change = changes_.find(name); change != changes_.end()) {
      state.before = change->second.before;
    }
    if (const auto watched = watched_.find(name); watched != watched_.end()) {
      state.problem = watched->second.problem;
      state.changed = watched->second.changed;
    }
    states.push_back(std::move(state));
  }
  return states;
}

}  // namespace firebreak::agent
