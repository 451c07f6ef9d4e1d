// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/control_groups/units.h"

#include <dirent.h>
#include <sys/stat.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace firebreak::agent {
namespace {

constexpr uint32_t kMostLevels = 8;
constexpr size_t kMostSlices = 4096;
constexpr size_t kMostMountBytes = 1 << 20;

// Returns the directory's inode number, which is the control group's number.
std::optional<uint64_t> NumberOf(const std::string& directory) {
  struct stat status;
  if (lstat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return std::nullopt;
  return status.st_ino;
}

bool BelongsToRoot(const std::string& directory) {
  struct stat status;
  return lstat(directory.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == 0;
}

std::vector<std::string> DirectoriesIn(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(directory.c_str()), closedir);
  if (open == nullptr) return names;
  while (const dirent* entry = readdir(open.get())) {
    const absl::string_view name = entry->d_name;
    if (entry->d_type == DT_DIR && name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

}  // namespace

std::optional<std::string> FindControlGroups(const std::string& mounts) {
  std::ifstream lines(mounts);
  size_t bytes = 0;
  for (std::string line; std::getline(lines, line) && bytes <= kMostMountBytes;) {
    bytes += line.size();
    // proc(5): ID PARENT MAJOR:MINOR ROOT POINT OPTIONS … - TYPE SOURCE OPTIONS
    const std::pair<absl::string_view, absl::string_view> halves =
        absl::StrSplit(absl::string_view(line), absl::MaxSplits(absl::string_view(" - "), 1));
    const std::vector<absl::string_view> fields = absl::StrSplit(halves.first, ' ');
    if (fields.size() < 5 || !absl::StartsWith(halves.second, "cgroup2 ")) continue;
    if (fields[3] != "/") continue;
    return absl::StrReplaceAll(fields[4], {{"\\040", " "}, {"\\134", "\\"}});
  }
  return std::nullopt;
}

bool IsSlice(absl::string_view unit) { return absl::EndsWith(unit, ".slice"); }

std::string UnitOf(absl::string_view directory) {
  if (absl::StartsWith(directory, "_")) directory.remove_prefix(1);
  return std::string(directory);
}

void WalkUnits(const std::string& root,
               const std::function<void(const std::string& unit, const std::string& directory,
                                        uint32_t level)>& found) {
  struct Slice {
    std::string directory;
    uint32_t level;
  };
  std::vector<Slice> slices = {{root, 0}};
  for (size_t i = 0; i < slices.size(); ++i) {
    const Slice slice = slices[i];
    for (const std::string& name : DirectoriesIn(slice.directory)) {
      const std::string directory = absl::StrCat(slice.directory, "/", name);
      const std::string unit = UnitOf(name);
      found(unit, directory, slice.level + 1);
      if (IsSlice(unit) && slice.level + 1 < kMostLevels && slices.size() < kMostSlices &&
          BelongsToRoot(directory)) {
        slices.push_back({directory, slice.level + 1});
      }
    }
  }
}

std::map<std::string, std::set<policy::ControlGroup>> FindUnits(
    const std::optional<std::string>& root, const std::set<std::string>& units) {
  std::map<std::string, std::set<policy::ControlGroup>> groups;
  if (!root.has_value() || units.empty()) return groups;
  WalkUnits(*root, [&](const std::string& unit, const std::string& directory, uint32_t level) {
    if (!units.contains(unit)) return;
    // The unit may have ended just now, and then has no number.
    if (const auto number = NumberOf(directory)) groups[unit].insert({level, *number});
  });
  return groups;
}

std::vector<uint64_t> ControlGroupsOf(const std::optional<std::string>& root,
                                      const std::string& unit) {
  std::vector<uint64_t> numbers;
  if (!root.has_value()) return numbers;
  std::string place;
  WalkUnits(*root, [&](const std::string& one, const std::string& directory, uint32_t) {
    if (one == unit && place.empty()) place = directory;
  });
  if (place.empty()) return numbers;
  // Adds the numbers of the root and of every directory on the way.
  for (size_t at = root->size(); at != std::string::npos;
       at = at == place.size() ? std::string::npos
                               : std::min(place.find('/', at + 1), place.size())) {
    const auto number = NumberOf(place.substr(0, at));
    if (!number.has_value()) return {};
    numbers.push_back(*number);
  }
  return numbers;
}

}  // namespace firebreak::agent
