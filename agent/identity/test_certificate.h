// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_IDENTITY_TEST_CERTIFICATE_H_
#define FIREBREAK_AGENT_IDENTITY_TEST_CERTIFICATE_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "agent/identity/identity.h"
#include "base/openssl/openssl.h"

namespace firebreak::agent {

// A fleet's CA for tests of hosts.
class TestAuthority {
 public:
  TestAuthority();

  std::array<uint8_t, 32> Fingerprint() const;
  Identity Issue(const std::string& host, absl::Time not_before, absl::Time not_after) const;

 private:
  std::string CertificateFor(EVP_PKEY* key, const std::string& names, absl::Time not_before,
                             absl::Time not_after) const;

  const KeyPtr key_;
  const std::string certificate_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_IDENTITY_TEST_CERTIFICATE_H_
