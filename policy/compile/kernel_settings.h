// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_KERNEL_SETTINGS_H_
#define FIREBREAK_POLICY_COMPILE_KERNEL_SETTINGS_H_

#include <map>
#include <string>

#include "policy/ruleset/ruleset.h"

namespace firebreak::policy {

// Whether connection tracking picks up flows in the middle. The SYN proxy needs this off, because
// it answers packets that conntrack calls invalid.
inline constexpr char kTcpLoose[] = "net/netfilter/nf_conntrack_tcp_loose";
// Whether the host forwards packets.
inline constexpr char kForwardIpv4[] = "net/ipv4/ip_forward";
inline constexpr char kForwardIpv6[] = "net/ipv6/conf/all/forwarding";
// Needed only by the SYN proxy.
inline constexpr char kSynCookies[] = "net/ipv4/tcp_syncookies";

// Returns the kernel settings that a ruleset needs to work as intended: values by their names below
// /proc/sys (Documentation/networking/{ip-sysctl,nf_conntrack-sysctl}.rst).
std::map<std::string, std::string> KernelSettingsFor(const ruleset::Ruleset& ruleset);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_KERNEL_SETTINGS_H_
