#ifndef FIREBREAK_AGENT_LOCATION_DNS_FACTS_H_
#define FIREBREAK_AGENT_LOCATION_DNS_FACTS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/loop/event_loop.h"

namespace firebreak::agent {

// What this host's DNS settings say of one interface: those of systemd-resolved and
// systemd-networkd for it where there are any, else of /etc/resolv.conf, which holds for all, or,
// if that names no suffix, of NetworkManager's own.
struct DnsSettings {
  std::vector<std::string> suffixes;
  std::vector<std::string> servers;

  friend bool operator==(const DnsSettings&, const DnsSettings&) = default;
};

// Files that cannot be read say nothing. `root` is "" but in tests.
DnsSettings ReadDnsSettings(const std::string& root, uint32_t interface_index);

// Reads "search", "domain" and "nameserver" of resolv.conf(5).
DnsSettings ParseResolvConf(const std::string& text);
// Reads a file of KEY=VALUE lines that a systemd service keeps for one link.
DnsSettings ParseLinkFile(const std::string& text);

// Calls back when one of the files may have changed.
//
// Threading: on the loop's thread. `loop` must outlive it.
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
  std::map<int, bool> whole_;  // by watch: any file of a directory counts, not resolv.conf alone
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_DNS_FACTS_H_
