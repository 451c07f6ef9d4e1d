// SPDX-License-Identifier: Apache-2.0
#include "agent/hardening/tcp_counters.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/files/files.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

constexpr size_t kMostBytes = 65'536;

using Words = std::vector<absl::string_view>;

Words WordsOf(absl::string_view line) {
  return absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
}

}  // namespace

TcpCounters ParseTcpCounters(absl::string_view netstat, absl::string_view synproxy) {
  TcpCounters counters;
  // Columns are found by name, because kernels differ in them.
  const std::pair<absl::string_view, uint64_t*> wanted[] = {
      {"TCPReqQFullDrop", &counters.dropped},     {"TCPReqQFullDoCookies", &counters.by_cookie},
      {"ListenOverflows", &counters.overflows},   {"SyncookiesRecv", &counters.cookies_back},
      {"TCPSynRetrans", &counters.retransmitted},
  };
  const std::vector<absl::string_view> lines = absl::StrSplit(netstat, '\n');
  for (size_t i = 0; i + 1 < lines.size(); ++i) {
    if (!absl::StartsWith(lines[i], "TcpExt:") || !absl::StartsWith(lines[i + 1], "TcpExt:")) {
      continue;
    }
    const Words names = WordsOf(lines[i]), values = WordsOf(lines[i + 1]);
    for (size_t k = 1; k < names.size() && k < values.size(); ++k) {
      for (const auto& [name, value] : wanted) {
        if (names[k] == name && !absl::SimpleAtoi(values[k], value)) *value = 0;
      }
    }
    break;
  }
  // One row for each CPU, in hexadecimal: entries, syn_received, cookie_invalid, cookie_valid, …
  bool first = true;
  for (const absl::string_view line : absl::StrSplit(synproxy, '\n')) {
    const Words words = WordsOf(line);
    if (std::exchange(first, false) || words.size() < 4) continue;
    uint64_t received = 0, valid = 0;
    if (!absl::SimpleHexAtoi(words[1], &received) || !absl::SimpleHexAtoi(words[3], &valid)) {
      continue;
    }
    counters.proxied += received;
    counters.proxied_back += valid;
  }
  return counters;
}

absl::StatusOr<TcpCounters> ReadTcpCounters() {
  ASSIGN_OR_RETURN(const std::string netstat, ReadBeginning("/proc/net/netstat", kMostBytes));
  return ParseTcpCounters(netstat,
                          ReadBeginning("/proc/net/stat/synproxy", kMostBytes).value_or(""));
}

}  // namespace firebreak::agent
