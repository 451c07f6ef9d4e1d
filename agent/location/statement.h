// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCATION_STATEMENT_H_
#define FIREBREAK_AGENT_LOCATION_STATEMENT_H_

#include <openssl/evp.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "firebreak/v1/location.pb.h"

namespace firebreak::agent {

// The statement that a beacon's answer must make, over its signature, to be a proof.
struct ExpectedStatement {
  std::string location;
  std::string nonce;
  std::string channel_binding;  // of the connection on which the answer came
  std::string own_address;      // our end of the connection as this host knows it, 4 or 16 bytes
  uint32_t own_port = 0;
};

// Checks that the answer is signed with the beacon's key and states what is expected.
// PermissionDenied, with a reason for the user, if not.
absl::Status CheckAnswer(const v1::BeaconAnswer& answer, const ExpectedStatement& expected,
                         EVP_PKEY* beacon_key);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_STATEMENT_H_
