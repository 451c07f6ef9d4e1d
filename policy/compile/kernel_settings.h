// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_KERNEL_SETTINGS_H_
#define FIREBREAK_POLICY_COMPILE_KERNEL_SETTINGS_H_

#include <map>
#include <string>

#include "policy/ruleset/ruleset.h"

namespace firebreak::policy {

// Whether connection tracking takes up a flow from its middle; the SYN proxy rests on its not doing
// so, as it answers what is invalid.
inline constexpr char kTcpLoose[] = "net/netfilter/nf_conntrack_tcp_loose";
// Whether the host forwards.
inline constexpr char kForwardIpv4[] = "net/ipv4/ip_forward";
inline constexpr char kForwardIpv6[] = "net/ipv6/conf/all/forwarding";
// Only for the SYN proxy.
inline constexpr char kSynCookies[] = "net/ipv4/tcp_syncookies";

// What the kernel must be set to for a ruleset to mean what it says: values by their names below
// /proc/sys (Documentation/networking/{ip-sysctl,nf_conntrack-sysctl}.rst).
std::map<std::string, std::string> KernelSettingsFor(const ruleset::Ruleset& ruleset);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_KERNEL_SETTINGS_H_
