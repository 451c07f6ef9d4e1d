// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_HARDENING_LOGGED_CONNECTIONS_H_
#define FIREBREAK_POLICY_HARDENING_LOGGED_CONNECTIONS_H_

namespace firebreak::policy {

// Used as WantedSysctl.setting where no hardening setting asks for the value: the connection log
// needs the sysctl in order to count bytes.
inline constexpr char kForLoggedConnections[] = "logging.connections";

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_HARDENING_LOGGED_CONNECTIONS_H_
