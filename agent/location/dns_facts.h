// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCATION_DNS_FACTS_H_
#define FIREBREAK_AGENT_LOCATION_DNS_FACTS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/loop/event_loop.h"

namespace firebreak::agent {

// This host's DNS settings for one interface. The sources are, in this order, the files that
// systemd-resolved and systemd-networkd keep for the interface, /etc/resolv.conf, which applies to
// all interfaces, and NetworkManager's files. The first source that names a suffix counts.
struct DnsSettings {
  std::vector<std::string> suffixes;
  std::vector<std::string> servers;

  friend bool operator==(const DnsSettings&, const DnsSettings&) = default;
};

// Files that cannot be read are ignored. `root` is "" except in tests.
DnsSettings ReadDnsSettings(const std::string& root, uint32_t interface_index);

// Parses "search", "domain" and "nameserver" of resolv.conf(5).
DnsSettings ParseResolvConf(const std::string& text);
// Parses a file of KEY=VALUE lines that a systemd service keeps for one link.
DnsSettings ParseLinkFile(const std::string& text);

// Calls back when one of these files may have changed.
//
// Threading: on the loop's thread. `loop` must outlive this object.
class DnsWatch {
 public:
  DnsWatch(EventLoop& loop, std::function<void()> changed);
  ~DnsWatch();
  DnsWatch(const DnsWatch&) = delete;
  DnsWatch& operator=(const DnsWatch&) = delete;

 private:
  void Add();
  void OnEvents();

  EventLoop& loop_;
  const std::function<void()> changed_;
  const int inotify_;
  // For each watch, whether any file in the directory counts, or only resolv.conf.
  std::map<int, bool> whole_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_DNS_FACTS_H_
