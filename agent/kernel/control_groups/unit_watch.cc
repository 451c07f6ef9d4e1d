// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/control_groups/unit_watch.h"

#include <errno.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <utility>

#include "absl/strings/string_view.h"
#include "agent/kernel/control_groups/units.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

constexpr uint32_t kEvents = IN_CREATE | IN_DELETE | IN_MOVE | IN_ONLYDIR;

}  // namespace

absl::StatusOr<UnitWatch> UnitWatch::Open() {
  const int inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (inotify < 0) return absl::ErrnoToStatus(errno, "watch the control groups of units");
  return UnitWatch(Descriptor(inotify));
}

bool UnitWatch::Follow(const std::optional<std::string>& root, std::set<std::string> units) {
  if (root == root_ && units == units_) return false;
  const bool elsewhere = root != root_ || units.empty();
  root_ = root;
  units_ = std::move(units);
  if (elsewhere) {
    for (const int watch : std::exchange(watches_, {})) inotify_rm_watch(inotify_.get(), watch);
  }
  WatchSlices();
  return true;
}

// Watches every existing slice. Watches that exist already are kept.
void UnitWatch::WatchSlices() {
  if (!root_.has_value() || units_.empty()) return;
  const auto watch = [this](const std::string& directory) {
    const int added = inotify_add_watch(inotify_.get(), directory.c_str(), kEvents);
    if (added >= 0) watches_.insert(added);
  };
  watch(*root_);
  WalkUnits(*root_, [&](const std::string& unit, const std::string& directory, uint32_t) {
    if (IsSlice(unit)) watch(directory);
  });
}

bool UnitWatch::Drain() {
  bool units = false, slices = false;
  alignas(inotify_event) std::array<char, 16 << 10> buffer;
  // Bounded, so that a program that makes control groups without end cannot keep the loop here.
  for (int reads = 0; reads < 16; ++reads) {
    const ssize_t length = read(inotify_.get(), buffer.data(), buffer.size());
    if (length <= 0) break;
    for (size_t at = 0; at + sizeof(inotify_event) <= static_cast<size_t>(length);) {
      inotify_event event;
      memcpy(&event, buffer.data() + at, sizeof event);
      if ((event.mask & IN_Q_OVERFLOW) != 0) units = slices = true;
      if ((event.mask & IN_IGNORED) != 0) watches_.erase(event.wd);
      const size_t room = static_cast<size_t>(length) - at - sizeof event;
      if (event.len > 0 && event.len <= room) {
        const char* const name = buffer.data() + at + sizeof event;
        const std::string unit = UnitOf(absl::string_view(name, strnlen(name, event.len)));
        if (units_.contains(unit)) units = true;
        if (IsSlice(unit)) slices = true;
      }
      at += sizeof event + event.len;
    }
  }
  if (!slices) return units;
  // Units may have been made in the new slice before it was watched.
  WatchSlices();
  return !units_.empty();
}

}  // namespace firebreak::agent
