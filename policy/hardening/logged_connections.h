// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_HARDENING_LOGGED_CONNECTIONS_H_
#define FIREBREAK_POLICY_HARDENING_LOGGED_CONNECTIONS_H_

namespace firebreak::policy {

// Stands in the place of a setting (WantedSysctl.setting): the log of connections needs the value,
// to count their bytes.
inline constexpr char kForLoggedConnections[] = "logging.connections";

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_HARDENING_LOGGED_CONNECTIONS_H_
