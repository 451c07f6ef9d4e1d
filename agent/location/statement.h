#ifndef FIREBREAK_AGENT_LOCATION_STATEMENT_H_
#define FIREBREAK_AGENT_LOCATION_STATEMENT_H_

#include <openssl/evp.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "firebreak/v1/location.pb.h"

namespace firebreak::agent {

// What a beacon must have signed for its answer to prove anything.
struct ExpectedStatement {
  std::string location;
  std::string nonce;
  std::string channel_binding;  // of the connection that the answer came through
  std::string own_address;      // 4 or 16 bytes: our end of it, as this host knows it
  uint32_t own_port = 0;
};

// PermissionDenied, with the reason for the user, unless the answer is signed with the beacon's
// key and says what is expected.
absl::Status CheckAnswer(const v1::BeaconAnswer& answer, const ExpectedStatement& expected,
                         EVP_PKEY* beacon_key);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_STATEMENT_H_
