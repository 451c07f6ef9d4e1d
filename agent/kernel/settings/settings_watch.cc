// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/settings/settings_watch.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status/status.h"

namespace firebreak::agent {

absl::StatusOr<SettingsWatch> SettingsWatch::Open() {
  static constexpr uint32_t kGroups[] = {RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF};
  ASSIGN_OR_RETURN(NetlinkSocket netlink, NetlinkSocket::Open(NETLINK_ROUTE, kGroups));
  const int files = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (files < 0) return absl::ErrnoToStatus(errno, "inotify_init1");
  return SettingsWatch(files, std::move(netlink));
}

SettingsWatch::SettingsWatch(SettingsWatch&& other) noexcept
    : files_(std::exchange(other.files_, -1)),
      netlink_(std::move(other.netlink_)),
      names_(std::move(other.names_)) {}

SettingsWatch::~SettingsWatch() {
  if (files_ >= 0) close(files_);
}

void SettingsWatch::Watch(const std::set<std::string>& names) {
  std::set<std::string> missing;
  for (const std::string& name : names) {
    if (missing.size() == kMaxWatched) break;
    missing.insert(name);
  }
  for (auto watch = names_.begin(); watch != names_.end();) {
    if (missing.erase(watch->second) != 0) {
      ++watch;
      continue;
    }
    inotify_rm_watch(files_, watch->first);
    watch = names_.erase(watch);
  }
  for (const std::string& name : missing) {
    const int watch =
        inotify_add_watch(files_, absl::StrCat("/proc/sys/", name).c_str(), IN_MODIFY);
    if (watch >= 0) names_[watch] = name;
  }
}

SettingsWatch::Written SettingsWatch::Drain() {
  Written written;
  alignas(inotify_event) char buffer[16'384];
  while (true) {
    const ssize_t length = read(files_, buffer, sizeof buffer);
    if (length <= 0) break;
    for (ssize_t at = 0; at + static_cast<ssize_t>(sizeof(inotify_event)) <= length;) {
      inotify_event event;
      memcpy(&event, buffer + at, sizeof event);
      at += static_cast<ssize_t>(sizeof event + event.len);
      if ((event.mask & IN_Q_OVERFLOW) != 0) written.all = true;
      const auto name = names_.find(event.wd);
      if (name == names_.end()) continue;
      if ((event.mask & IN_IGNORED) != 0) {
        // The interface is gone. If an interface of this name appears, Watch must be called again.
        names_.erase(name);
      } else {
        written.names.insert(name->second);
      }
    }
  }
  while (true) {
    const absl::Status status = netlink_.Receive(/*wait=*/false, [&](const nlmsghdr& event) {
      if (event.nlmsg_type == RTM_NEWNETCONF) written.all = true;
    });
    if (absl::IsDataLoss(status)) written.all = true;
    if (!status.ok() && !absl::IsDataLoss(status)) return written;
  }
}

}  // namespace firebreak::agent
