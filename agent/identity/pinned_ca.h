#ifndef FIREBREAK_AGENT_IDENTITY_PINNED_CA_H_
#define FIREBREAK_AGENT_IDENTITY_PINNED_CA_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace firebreak::agent {

// Asks the controller at `address` (HOST:PORT) for its certificate chain and returns, as PEM, the
// CA in it that has the fingerprint (SHA-256 of the DER), of which a token has told. Nothing else
// that the peer says is believed, and nothing is told to it: whoever answers without that CA's
// consent cannot pass the connection that is made with it afterwards.
//
// Blocks for at most `timeout`. PermissionDenied: somebody answers, but without that CA.
absl::StatusOr<std::string> FetchPinnedCa(const std::string& address,
                                          const std::array<uint8_t, 32>& fingerprint,
                                          absl::Duration timeout);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_IDENTITY_PINNED_CA_H_
