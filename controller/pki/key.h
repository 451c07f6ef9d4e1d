// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_PKI_KEY_H_
#define FIREBREAK_CONTROLLER_PKI_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl/openssl.h"
#include "controller/pki/secret.h"

namespace firebreak::controller {

// ECDSA keys on P-256, the only kind that a fleet has.

absl::StatusOr<KeyPtr> MakeKey();

// Returns the key as PEM, PKCS #8, unencrypted; only the mode of the file that it is written to
// protects it.
absl::StatusOr<Secret> PrivateKeyPem(EVP_PKEY* key);
absl::StatusOr<KeyPtr> ReadPrivateKey(absl::string_view pem);

bool IsP256(const EVP_PKEY* key);

// SHA-256 of the public key in the form SubjectPublicKeyInfo, DER.
absl::StatusOr<std::string> PublicKeySha256(EVP_PKEY* key);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_PKI_KEY_H_
