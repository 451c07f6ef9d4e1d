// SPDX-License-Identifier: Apache-2.0
#include "agent/location/dns_facts.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/files/files.h"

namespace firebreak::agent {
namespace {

constexpr char kResolvConf[] = "resolv.conf";
// The directory where NetworkManager writes its DNS settings, whether or not it manages
// /etc/resolv.conf.
constexpr char kNetworkManager[] = "/run/NetworkManager";
constexpr const char* kLinkDirectories[] = {"/run/systemd/resolve/netif",
                                            "/run/systemd/netif/links"};
// A hostile DHCP server may determine the content of these files.
constexpr size_t kMaxFileBytes = 64 << 10;
constexpr size_t kMaxWords = 64;

void AddWords(absl::string_view text, std::vector<std::string>& to) {
  for (absl::string_view word : absl::StrSplit(text, absl::ByAnyChar(" \t\r"), absl::SkipEmpty())) {
    // systemd writes "~corp.example" for a domain that is only used for routing lookups.
    word = absl::StripSuffix(absl::StripPrefix(word, "~"), ".");
    if (!word.empty() && to.size() < kMaxWords) to.emplace_back(word);
  }
}

std::string Text(const std::string& path) {
  return ReadBeginning(path, kMaxFileBytes).value_or("");
}

}  // namespace

DnsSettings ParseResolvConf(const std::string& text) {
  DnsSettings settings;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const size_t end = line.find_first_of("#;");
    if (end != absl::string_view::npos) line = line.substr(0, end);
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(absl::ByAnyChar(" \t"), 1));
    if (parts.first == "search" || parts.first == "domain") {
      settings.suffixes.clear();  // the last such line counts
      AddWords(parts.second, settings.suffixes);
    }
    if (parts.first == "nameserver") AddWords(parts.second, settings.servers);
  }
  return settings;
}

DnsSettings ParseLinkFile(const std::string& text) {
  DnsSettings settings;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::ConsumePrefix(&line, "DOMAINS=") || absl::ConsumePrefix(&line, "ROUTE_DOMAINS=")) {
      AddWords(line, settings.suffixes);
    } else if (absl::ConsumePrefix(&line, "SERVERS=") || absl::ConsumePrefix(&line, "DNS=")) {
      AddWords(line, settings.servers);
    }
  }
  return settings;
}

DnsSettings ReadDnsSettings(const std::string& root, uint32_t interface_index) {
  for (const char* directory : kLinkDirectories) {
    DnsSettings settings = ParseLinkFile(Text(absl::StrCat(root, directory, "/", interface_index)));
    if (!settings.suffixes.empty()) return settings;
  }
  DnsSettings settings = ParseResolvConf(Text(absl::StrCat(root, "/etc/", kResolvConf)));
  if (!settings.suffixes.empty()) return settings;
  // /etc/resolv.conf may only name a local resolver; then NetworkManager's files have the details.
  for (const char* file : {"no-stub-resolv.conf", kResolvConf}) {
    DnsSettings known = ParseResolvConf(Text(absl::StrCat(root, kNetworkManager, "/", file)));
    if (!known.suffixes.empty()) return known;
  }
  return settings;
}

DnsWatch::DnsWatch(EventLoop& loop, std::function<void()> changed)
    : loop_(loop), changed_(std::move(changed)), inotify_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  // Without inotify, changed DNS settings are noticed when something else changes.
  if (inotify_ < 0) return;
  Add();
  loop_.Watch(inotify_, [this] { OnEvents(); });
}

DnsWatch::~DnsWatch() {
  if (inotify_ < 0) return;
  loop_.Unwatch(inotify_);
  close(inotify_);
}

void DnsWatch::Add() {
  constexpr uint32_t kChanges = IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE;
  const auto add = [&](const char* path, uint32_t changes, bool whole) {
    const int watch = inotify_add_watch(inotify_, path, changes);
    if (watch >= 0) whole_[watch] = whole;
  };
  // Most programs replace the file by a new one; some write into it.
  add("/etc", kChanges | IN_ONLYDIR, false);
  add("/etc/resolv.conf", IN_CLOSE_WRITE, true);
  add(kNetworkManager, kChanges | IN_ONLYDIR, true);
  for (const char* directory : kLinkDirectories) add(directory, kChanges | IN_ONLYDIR, true);
}

void DnsWatch::OnEvents() {
  bool changed = false;
  alignas(inotify_event) char buffer[4096];
  while (true) {
    const ssize_t size = read(inotify_, buffer, sizeof buffer);
    if (size <= 0) break;
    for (const char* at = buffer; at < buffer + size;) {
      const auto& event = *reinterpret_cast<const inotify_event*>(at);
      const auto watch = whole_.find(event.wd);
      const bool whole = watch != whole_.end() && watch->second;
      if (whole || (event.len > 0 && absl::string_view(event.name) == kResolvConf)) changed = true;
      if ((event.mask & IN_IGNORED) != 0 && watch != whole_.end()) whole_.erase(watch);
      at += sizeof(inotify_event) + event.len;
    }
  }
  if (!changed) return;
  Add();  // watches files that replaced watched ones
  changed_();
}

}  // namespace firebreak::agent
