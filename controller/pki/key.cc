// SPDX-License-Identifier: Apache-2.0
#include "controller/pki/key.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <memory>

#include "base/status/status.h"

namespace firebreak::controller {
namespace {

absl::Status CheckKeyPair(EVP_PKEY* key) {
  const std::unique_ptr<EVP_PKEY_CTX, OpensslFree<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new(key, nullptr));
  if (context != nullptr && EVP_PKEY_pairwise_check(context.get()) == 1) return absl::OkStatus();
  ERR_clear_error();
  return absl::DataLossError("its private and its public part do not belong together");
}

}  // namespace

absl::StatusOr<KeyPtr> MakeKey() {
  KeyPtr key(EVP_EC_gen("P-256"));
  if (key == nullptr) return OpensslError("make a key");
  return key;
}

absl::StatusOr<Secret> PrivateKeyPem(EVP_PKEY* key) {
  // The memory of a secure BIO is wiped when it is freed.
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (bio == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return OpensslError("write a private key");
  }
  return Secret(Written(bio.get()));
}

absl::StatusOr<KeyPtr> ReadPrivateKey(absl::string_view pem) {
  const BioPtr bio = ReadFrom(pem);
  // The empty passphrase keeps OpenSSL from asking for one at the terminal.
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, const_cast<char*>("")));
  if (key == nullptr) return OpensslError("read a private key");
  if (!IsP256(key.get())) return absl::InvalidArgumentError("the key is not ECDSA on P-256");
  // The file contains both halves of the key, and OpenSSL does not check that they match.
  RETURN_IF_ERROR(CheckKeyPair(key.get()));
  return key;
}

bool IsP256(const EVP_PKEY* key) {
  char group[64] = "";
  size_t size = 0;
  return key != nullptr && EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, group, sizeof(group), &size) == 1 &&
         absl::string_view(group, size) == "prime256v1";
}

absl::StatusOr<std::string> PublicKeySha256(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) return OpensslError("encode a public key");
  std::string digest = Sha256({reinterpret_cast<const char*>(der), static_cast<size_t>(size)});
  OPENSSL_free(der);
  return digest;
}

}  // namespace firebreak::controller
