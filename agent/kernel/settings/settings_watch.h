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

// Tells when values of the kernel may have been changed: inotify(7) hears of every write below
// /proc/sys through this mount of it, the kernel itself of those that rtnetlink knows
// (RTM_NEWNETCONF: forwarding, rp_filter, proxy_arp, ignore_routes_with_linkdown), whoever changed
// them. Nobody hears of the others, or of more than kMaxWatched: look now and then too.
//
// Threading: one thread at a time. Works in the network namespace in which it was opened.
class SettingsWatch {
 public:
  static constexpr size_t kMaxWatched = 4000;

  static absl::StatusOr<SettingsWatch> Open();
  SettingsWatch(SettingsWatch&& other) noexcept;
  SettingsWatch& operator=(SettingsWatch&&) = delete;
  ~SettingsWatch();

  // Names below /proc/sys, instead of those before.
  void Watch(const std::set<std::string>& names);

  // Readable when something was written.
  std::vector<int> descriptors() const { return {files_, netlink_.descriptor()}; }

  struct Written {
    std::set<std::string> names;
    bool all = false;  // it is not known which
  };
  Written Drain();

 private:
  SettingsWatch(int files, NetlinkSocket netlink) : files_(files), netlink_(std::move(netlink)) {}

  int files_;
  NetlinkSocket netlink_;
  std::map<int, std::string> names_;  // by inotify's number of the watch
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_SETTINGS_SETTINGS_WATCH_H_
