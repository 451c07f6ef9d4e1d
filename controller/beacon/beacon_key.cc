// SPDX-License-Identifier: Apache-2.0
#include "controller/beacon/beacon_key.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status/status.h"
#include "controller/pki/certificate.h"
#include "controller/pki/key.h"
#include "controller/pki/secret.h"
#include "proto/endpoint/beacon.h"

namespace firebreak::controller {
namespace {

constexpr size_t kMaxFileBytes = 64 << 10;

absl::StatusOr<Secret> ReadKeyFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return absl::ErrnoToStatus(errno, absl::StrCat("read the beacon's key ", path));
  const auto close_file = absl::MakeCleanup([file] { close(file); });
  struct stat status;
  if (fstat(file, &status) != 0) return absl::ErrnoToStatus(errno, path);
  if ((status.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path,
                     " can be read by others, so the key in it proves nothing; make a new one with "
                     "`firebreak location create`, and keep it at mode 0600"));
  }
  std::string bytes(kMaxFileBytes, '\0');
  const ssize_t size = read(file, bytes.data(), bytes.size());
  if (size < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("read the beacon's key ", path));
  }
  bytes.resize(static_cast<size_t>(size));
  return Secret(std::move(bytes));
}

absl::Status Refuse(const std::string& path, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat("the beacon's key ", path, ": ", reason));
}

}  // namespace

absl::StatusOr<BeaconKey> BeaconKey::Load(const std::string& path) {
  ASSIGN_OR_RETURN(const Secret text, ReadKeyFile(path));
  absl::StatusOr<KeyPtr> key = ReadPrivateKey(text.view());
  if (!key.ok()) return Refuse(path, key.status().message());
  absl::StatusOr<CertificatePtr> certificate = ReadCertificate(text.view());
  if (!certificate.ok()) return Refuse(path, certificate.status().message());

  std::vector<std::string> locations;
  for (const std::string& name : AlternativeNames(certificate->get())) {
    absl::string_view location = name;
    if (absl::ConsumePrefix(&location, "URI:") &&
        absl::ConsumePrefix(&location, kLocationUriPrefix) && !location.empty()) {
      locations.emplace_back(location);
    }
  }
  if (locations.empty()) {
    return Refuse(path, absl::StrCat("its certificate has no name ", kLocationUriPrefix,
                                     "NAME, which says for which location it stands"));
  }

  SslContextPtr context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr || !SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) ||
      SSL_CTX_use_certificate(context.get(), certificate->get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key->get()) != 1) {
    return OpensslError(absl::StrCat("use the beacon's key ", path));
  }
  // Session tickets are off, so that the beacon proves its key on every connection.
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  return BeaconKey(std::move(context), *std::move(key), std::move(locations));
}

absl::StatusOr<std::string> BeaconKey::Sign(absl::string_view bytes) const {
  const DigestPtr digest(EVP_MD_CTX_new());
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t size = 0;
  if (digest == nullptr ||
      EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(digest.get(), nullptr, &size, data, bytes.size()) != 1) {
    return OpensslError("sign a statement");
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, data,
                     bytes.size()) != 1) {
    return OpensslError("sign a statement");
  }
  signature.resize(size);
  return signature;
}

}  // namespace firebreak::controller
