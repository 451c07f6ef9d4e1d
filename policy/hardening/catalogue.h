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

// The settings by which the TCP/IP stack can be hardened. One table (catalogue.cc) says all that is
// known of each setting. The checks, the presets, the values written to the kernel, the CLI and
// docs/hardening.md are made from this table.
//
// Ranges, defaults and the ways in which values combine are the kernel's:
// Documentation/networking/ip-sysctl.rst and nf_conntrack-sysctl.rst, include/linux/inetdevice.h.

// How the kernel computes the value in force for an interface from conf/all and conf/<interface>.
enum class Combine : uint8_t {
  kHostWide,   // the network namespace has one value
  kOwn,        // the interface's value; `all` has no effect
  kMax,        // IN_DEV_MAXCONF
  kOr,         // IN_DEV_ORCONF
  kAnd,        // IN_DEV_ANDCONF
  kMin,        // ipv6_rthdr_rcv
  kRedirects,  // `and` if the interface forwards, else `or`: IN_DEV_RX_REDIRECTS
};

// A sysctl that a setting sets.
struct SysctlTarget {
  // The name below /proc/sys: for a host-wide sysctl the whole name, for an interface's sysctl only
  // the part behind the interface's name.
  const char* name = nullptr;
  Combine combine = Combine::kHostWide;
  uint8_t family = 0;  // 4 or 6; only for an interface's sysctl
  // Returns the sysctl's value for a value of the setting; none: the sysctl is left alone.
  std::optional<int64_t> (*value)(int64_t) = nullptr;
  // Whether neither loopback nor conf/default (interfaces that appear later) is set.
  bool links_only = false;
};

struct HardeningSetting {
  enum class Scope : uint8_t { kHost, kInterface };

  const char* name = nullptr;
  Scope scope = Scope::kHost;
  int64_t least = 0;
  int64_t most = 0;
  const char* unit = "";
  // The kernel's own default; none: it differs between kernels, or the kernel has no such sysctl.
  std::optional<int64_t> kernel_default;
  // The values that the presets set; none: the preset does not set it.
  std::optional<int64_t> recommended;
  std::optional<int64_t> strict;
  std::optional<int64_t> original;
  const char* what = "";
  const char* cost = "";
  const char* security = "";
  std::vector<SysctlTarget> sysctls;
  // What else implements the setting, such as a rule or a detector; empty: nothing.
  const char* besides = "";
};

// All settings, in the order of their names.
std::span<const HardeningSetting> HardeningCatalogue();

// Returns null if no setting has this name.
const HardeningSetting* FindHardening(absl::string_view name);

// Returns the value that a preset gives the setting; none: the preset leaves the setting alone.
std::optional<int64_t> PresetValue(const HardeningSetting& setting, v1::Hardening::Preset preset);

// Returns a text such as "net.ipv4.tcp_retries2" or "net.ipv4.conf.*.rp_filter (max)".
std::string TargetText(const SysctlTarget& target);

// Returns a name below /proc/sys as sysctl(8) writes it: dots and slashes change places.
std::string SysctlText(std::string name);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_HARDENING_CATALOGUE_H_
