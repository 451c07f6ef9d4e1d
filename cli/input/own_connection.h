// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_INPUT_OWN_CONNECTION_H_
#define FIREBREAK_CLI_INPUT_OWN_CONNECTION_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::cli {

// The TCP connection by which the user is logged in to this host.
struct OwnConnection {
  std::string remote;  // addresses
  uint16_t remote_port = 0;
  std::string local;
  uint16_t local_port = 0;

  friend bool operator==(const OwnConnection&, const OwnConnection&) = default;
};

// Parses the value of SSH_CONNECTION: "192.0.2.1 50000 192.0.2.2 22".
std::optional<OwnConnection> ParseSshConnection(absl::string_view text);

// Returns the connection of the ssh session in which this process or one of its ancestors runs;
// nullopt if there is none. Ancestors are examined too, as far as this user may read them, because
// sudo clears the environment.
std::optional<OwnConnection> FindOwnConnection();

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_INPUT_OWN_CONNECTION_H_
