#ifndef FIREBREAK_CLI_CONNECTION_HANDSHAKE_LOG_H_
#define FIREBREAK_CLI_CONNECTION_HANDSHAKE_LOG_H_

#include <string>

namespace firebreak::cli {

// gRPC writes why a TLS handshake failed into its log only, and tells callers "Failed to connect".
// From this call on its log is kept off the standard error (unless GRPC_VERBOSITY is set), and its
// last line about a failed handshake is remembered. Forgets what it remembered before.
void RecordHandshakes();

// OpenSSL's reason of the last handshake that failed; empty: none did.
std::string LastHandshakeError();

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_CONNECTION_HANDSHAKE_LOG_H_
