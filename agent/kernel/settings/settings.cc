#include "agent/kernel/settings/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

#include <linux/netfilter.h>

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/state/sealed_file.h"
#include "base/files/files.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "policy/compile/kernel_settings.h"

namespace firebreak::agent {
namespace {

constexpr size_t kMaxValue = 4096;
constexpr char kIpv6[] = "net/ipv6/";
constexpr char kIpv6Interfaces[] = "net/ipv6/conf";
constexpr char kAcceptAdvertised[] = "/accept_ra";

std::string ThisBoot() {
  const absl::StatusOr<std::string> boot = ReadSetting("kernel/random/boot_id");
  return boot.ok() ? *boot : "";
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

// One line for each: name, tab, what was found, tab, what was set, tab, in which boot that was last
// looked at. Older agents did not write the last.
void KernelSettings::Load() {
  if (file_.empty()) return;
  const absl::StatusOr<std::string> text = ReadSealedFile(file_);
  if (!text.ok()) {
    if (!absl::IsNotFound(text.status())) LogError(text.status().message());
    return;
  }
  for (const absl::string_view line : absl::StrSplit(*text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    if (fields.size() < 3 || absl::StrContains(fields[0], "..")) continue;
    changes_[fields[0]] = {.before = fields[1],
                           .now = fields[2],
                           .of_this_boot = fields.size() < 4 || fields[3] == ThisBoot()};
  }
}

absl::Status KernelSettings::Save() const {
  if (file_.empty()) return absl::OkStatus();
  if (changes_.empty()) return DeleteFile(file_);
  std::string text;
  for (const auto& [name, change] : changes_) {
    absl::StrAppend(&text, name, "\t", change.before, "\t", change.now, "\t",
                    change.of_this_boot ? ThisBoot() : "", "\n");
  }
  return WriteSealedFile(file_, text);
}

bool KernelSettings::HasAnyway(const std::string& name, const std::string& value) const {
  const auto change = changes_.find(name);
  if (change != changes_.end() && change->second.before != value) return false;
  const absl::StatusOr<std::string> found = ReadSetting(name);
  return found.ok() && *found == value;
}

Settings KernelSettings::ForAdvertisedRoutes(const Settings& wanted) const {
  Settings settings;
  if (!wanted.contains(policy::kForwardIpv6) || HasAnyway(policy::kForwardIpv6, "1"))
    return settings;
  std::error_code error;
  // With "default", which those have that come later.
  for (const auto& entry : std::filesystem::directory_iterator(PathOf(kIpv6Interfaces), error)) {
    const std::string name =
        absl::StrCat(kIpv6Interfaces, "/", entry.path().filename().string(), kAcceptAdvertised);
    if (changes_.contains(name) || HasAnyway(name, "1")) settings[name] = "2";
  }
  return settings;
}

bool KernelSettings::IsLeft(const std::string& name) const {
  if (others_forward_ == nullptr) return false;
  if (name == policy::kForwardIpv4) return others_forward_(NFPROTO_IPV4);
  return name == policy::kForwardIpv6 && others_forward_(NFPROTO_IPV6);
}

// That somebody else makes the host forward: before the rules first needed it, or in this boot,
// before they were there.
void KernelSettings::Remember(const std::string& name, const std::string& value) {
  if (name != policy::kForwardIpv4 && name != policy::kForwardIpv6) return;
  const auto [change, added] = changes_.try_emplace(name, Change{value, value});
  if (!added && (change->second.of_this_boot || change->second.before == value)) return;
  change->second = {value, value};
  // It has this value anyway.
  if (absl::Status saved = Save(); !saved.ok()) LogWarning(saved.message());
}

absl::Status KernelSettings::Restore(const Settings& wanted) {
  bool changed = false;
  for (auto change = changes_.begin(); change != changes_.end();) {
    const auto& [name, values] = *change;
    if (wanted.contains(name)) {
      ++change;
      continue;
    }
    const absl::StatusOr<std::string> found = ReadSetting(name);
    if (found.ok() && *found == values.now && values.before != values.now) {
      if (IsLeft(name)) {
        LogInfo(absl::StrCat("left ", name, " at ", values.now,
                             ": others on this host rely on its forwarding"));
        change = changes_.erase(change);
        changed = true;
        continue;
      }
      RETURN_IF_ERROR(WriteSetting(name, values.before));
      LogInfo(absl::StrCat("set ", name, " back to ", values.before));
    }
    change = changes_.erase(change);
    changed = true;
  }
  return changed ? Save() : absl::OkStatus();
}

absl::Status KernelSettings::Apply(const Settings& wanted) {
  absl::Status result;
  const bool has_ipv6 = access(PathOf(kIpv6).c_str(), F_OK) == 0;
  for (const auto& [name, value] : wanted) {
    // A host without IPv6 has no packets of it that a setting could be about.
    if (!has_ipv6 && absl::StartsWith(name, kIpv6)) continue;
    const absl::StatusOr<std::string> found = ReadSetting(name);
    absl::Status status = found.status();
    if (status.ok() && *found == value) Remember(name, value);
    if (status.ok() && *found != value) {
      // What was found first is what goes back; on the disk before it is gone from the kernel.
      const auto [change, added] = changes_.try_emplace(name, Change{*found, value});
      const bool known = !added && change->second.now == value;
      const bool told = std::exchange(change->second.of_this_boot, true);
      change->second.now = value;
      if (!known) {
        status = Save();
      } else if (!told) {
        // What goes back is on the disk already.
        if (absl::Status saved = Save(); !saved.ok()) LogWarning(saved.message());
      }
      if (status.ok()) status = WriteSetting(name, value);
      if (status.ok()) LogInfo(absl::StrCat("set ", name, " to ", value));
    }
    result.Update(status);
  }
  return result;
}

}  // namespace firebreak::agent
