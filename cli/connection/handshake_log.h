// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_CONNECTION_HANDSHAKE_LOG_H_
#define FIREBREAK_CLI_CONNECTION_HANDSHAKE_LOG_H_

#include <string>

namespace firebreak::cli {

// gRPC tells callers only "Failed to connect", and writes the reason why a TLS handshake failed to
// its log. After this call gRPC's log no longer goes to standard error (unless GRPC_VERBOSITY is
// set), and its last line about a failed handshake is remembered. Forgets a line that was
// remembered before.
void RecordHandshakes();

// OpenSSL's reason for the last handshake that failed; empty if none has failed.
std::string LastHandshakeError();

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_CONNECTION_HANDSHAKE_LOG_H_
