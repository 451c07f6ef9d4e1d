// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_SETTINGS_SETTINGS_WATCH_H_
#define FIREBREAK_AGENT_KERNEL_SETTINGS_SETTINGS_WATCH_H_

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/kernel/netlink/socket.h"

namespace firebreak::agent {

// Reports when sysctls may have been changed. inotify(7) reports every write below /proc/sys
// through this mount. For forwarding, rp_filter, proxy_arp and ignore_routes_with_linkdown
// rtnetlink reports every change (RTM_NEWNETCONF), whoever makes it. Other changes, and changes of
// sysctls beyond kMaxWatched, are not reported, so callers must also compare from time to time.
//
// Threading: one thread at a time. Works in the network namespace in which it was opened.
class SettingsWatch {
 public:
  static constexpr size_t kMaxWatched = 4000;

  static absl::StatusOr<SettingsWatch> Open();
  SettingsWatch(SettingsWatch&& other) noexcept;
  SettingsWatch& operator=(SettingsWatch&&) = delete;
  ~SettingsWatch();

  // Watches these names below /proc/sys, in place of those before.
  void Watch(const std::set<std::string>& names);

  // Readable when something was written.
  std::vector<int> descriptors() const { return {files_, netlink_.descriptor()}; }

  struct Written {
    std::set<std::string> names;
    bool all = false;  // it is not known which ones
  };
  Written Drain();

 private:
  SettingsWatch(int files, NetlinkSocket netlink) : files_(files), netlink_(std::move(netlink)) {}

  int files_;
  NetlinkSocket netlink_;
  std::map<int, std::string> names_;  // by the number of inotify's watch
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_SETTINGS_SETTINGS_WATCH_H_
