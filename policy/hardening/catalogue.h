// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_HARDENING_CATALOGUE_H_
#define FIREBREAK_POLICY_HARDENING_CATALOGUE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "firebreak/v1/resources.pb.h"

namespace firebreak::policy {

// What the TCP/IP stack can be hardened by. All that is known of a setting stands in one table
// (catalogue.cc), from which checks, presets, what is set in the kernel, the CLI and
// docs/hardening.md are made.
//
// Ranges, defaults and how values combine are those of the kernel: Documentation/networking/
// ip-sysctl.rst and nf_conntrack-sysctl.rst, include/linux/inetdevice.h.

// How the value of `all` and that of an interface make what holds for the interface.
enum class Combine : uint8_t {
  kHostWide,   // there is one value for the network namespace
  kOwn,        // the interface's; `all` says nothing
  kMax,        // IN_DEV_MAXCONF
  kOr,         // IN_DEV_ORCONF
  kAnd,        // IN_DEV_ANDCONF
  kMin,        // ipv6_rthdr_rcv
  kRedirects,  // IN_DEV_RX_REDIRECTS: `and` where the interface forwards, else `or`
};

// A value of the kernel that a setting stands for.
struct SysctlTarget {
  // Below /proc/sys: the whole name, or, of an interface's, the part behind its name.
  const char* name = nullptr;
  Combine combine = Combine::kHostWide;
  uint8_t family = 0;  // of an interface's: 4 or 6
  // What the kernel's value is for the setting's; none: left as it is.
  std::optional<int64_t> (*value)(int64_t) = nullptr;
  // Not of loopback, and of no interface that comes later ("default").
  bool links_only = false;
};

struct HardeningSetting {
  enum class Scope : uint8_t { kHost, kInterface };

  const char* name = nullptr;
  Scope scope = Scope::kHost;
  int64_t least = 0;
  int64_t most = 0;
  const char* unit = "";
  // What a kernel has by itself; none: it differs, or the kernel knows nothing of the kind.
  std::optional<int64_t> kernel_default;
  // What the presets say; none: nothing.
  std::optional<int64_t> recommended;
  std::optional<int64_t> strict;
  std::optional<int64_t> original;
  const char* what = "";
  const char* cost = "";
  const char* security = "";
  std::vector<SysctlTarget> sysctls;
  // What it is besides, or instead: a rule, a detector; empty: nothing.
  const char* besides = "";
};

// All of them, by name.
std::span<const HardeningSetting> HardeningCatalogue();

// Null if there is none of this name.
const HardeningSetting* FindHardening(absl::string_view name);

// What a preset says of a setting; none: nothing.
std::optional<int64_t> PresetValue(const HardeningSetting& setting, v1::Hardening::Preset preset);

// "net.ipv4.tcp_retries2", "net.ipv4.conf.*.rp_filter (max)".
std::string TargetText(const SysctlTarget& target);

// Returns a name below /proc/sys as sysctl(8) writes it: dots and slashes change places.
std::string SysctlText(std::string name);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_HARDENING_CATALOGUE_H_
