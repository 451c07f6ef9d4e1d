// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCATION_BEACON_TLS_H_
#define FIREBREAK_AGENT_LOCATION_BEACON_TLS_H_

#include <string>

#include "absl/status/status.h"
#include "base/openssl/openssl.h"

namespace firebreak::agent {

// Makes a client's context for TLS 1.3 that trusts only these certificates (PEM), the location's
// own CA; the system's trust store is never loaded. Returns null, with the reason in OpenSSL's
// error queue, if the text contains no certificates.
SslContextPtr MakeBeaconContext(const std::string& ca_pem);

// Checks that the beacon's verified chain is valid now, by this host's clock. A kept connection
// outlives the check that its handshake made.
absl::Status CheckBeaconCertificate(const SSL* ssl);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_BEACON_TLS_H_
