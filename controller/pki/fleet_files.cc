// SPDX-License-Identifier: Apache-2.0
#include "controller/pki/fleet_files.h"

#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "controller/pki/certificate.h"
#include "controller/pki/key.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::controller {
namespace {

constexpr char kAdminName[] = "admin";

absl::Status Damaged(const std::string& path, const absl::Status& reason) {
  return absl::DataLossError(absl::StrCat("read ", path, ": ", reason.message(),
                                          "; restore the data directory from a backup"));
}

// The state of a file that the controller can make anew by itself.
enum class Fitness { kGood, kDue, kDamaged };

void Say(const DataDirectory& directory, const char* file, Fitness fitness) {
  if (fitness == Fitness::kDamaged) {
    LogWarning(directory.PathOf(file), " is damaged; it is made anew");
  }
}

// Reads the key from a PEM file, or makes a new key and writes it there. A damaged file is
// replaced: whoever trusts the CA trusts the new key as well.
absl::StatusOr<KeyPtr> LoadOrMakeKey(const DataDirectory& directory, const char* file) {
  ASSIGN_OR_RETURN(const auto pem, directory.Read(file));
  if (pem.has_value()) {
    auto key = ReadPrivateKey(pem->view());
    if (key.ok()) return key;
    Say(directory, file, Fitness::kDamaged);
  }
  ASSIGN_OR_RETURN(auto key, MakeKey());
  ASSIGN_OR_RETURN(const auto made, PrivateKeyPem(key.get()));
  RETURN_IF_ERROR(directory.Write(file, made.view()));
  return key;
}

bool IsIssuedBy(const Authority& authority, X509* certificate) {
  const auto issuer = ReadCertificate(authority.certificate_pem());
  return issuer.ok() && X509_verify(certificate, X509_get0_pubkey(issuer->get())) == 1;
}

Fitness FitnessOfController(const std::optional<Secret>& pem, const Authority& authority,
                            const std::vector<std::string>& names, EVP_PKEY* key, absl::Time now) {
  if (!pem.has_value()) return Fitness::kDue;
  const auto certificate = ReadCertificate(pem->view());
  if (!certificate.ok() || !IsIssuedBy(authority, certificate->get()) ||
      X509_check_private_key(certificate->get(), key) != 1 ||
      !absl::EndsWith(pem->view(), authority.certificate_pem())) {
    return Fitness::kDamaged;
  }
  for (const std::string& name : names) {
    if (X509_check_ip_asc(certificate->get(), name.c_str(), 0) != 1 &&
        X509_check_host(certificate->get(), name.c_str(), name.size(), 0, nullptr) != 1) {
      return Fitness::kDue;
    }
  }
  return InFirstHalfOfLife(certificate->get(), now) ? Fitness::kGood : Fitness::kDue;
}

Fitness FitnessOfContext(const std::optional<Secret>& text, const Authority& authority,
                         const std::string& address, absl::Time now) {
  if (!text.has_value()) return Fitness::kDue;
  try {
    std::string copy(text->view());
    const YAML::Node context = YAML::Load(copy);
    Secret::Wipe(copy);
    const auto certificate = ReadCertificate(context["certificate"].as<std::string>());
    const Secret key_pem(context["key"].as<std::string>());
    const auto key = ReadPrivateKey(key_pem.view());
    if (context["ca"].as<std::string>() != authority.certificate_pem() || !certificate.ok() ||
        !key.ok() || !IsIssuedBy(authority, certificate->get()) ||
        X509_check_private_key(certificate->get(), key->get()) != 1) {
      return Fitness::kDamaged;
    }
    const bool same_address = context["controller"].as<std::string>() == address;
    return same_address && InFirstHalfOfLife(certificate->get(), now) ? Fitness::kGood
                                                                      : Fitness::kDue;
  } catch (const YAML::Exception&) {
    return Fitness::kDamaged;
  }
}

// Errors name the file that is damaged, the certificate or the key. That can be decided because the
// certificate is self-signed and the key file contains both halves of the key.
absl::StatusOr<Authority> LoadAuthority(const DataDirectory& directory,
                                        absl::string_view certificate_pem) {
  const auto certificate = ReadCertificate(certificate_pem);
  if (!certificate.ok()) return Damaged(directory.PathOf(kAuthorityFile), certificate.status());
  if (X509_verify(certificate->get(), X509_get0_pubkey(certificate->get())) != 1) {
    return Damaged(directory.PathOf(kAuthorityFile),
                   absl::DataLossError("its signature does not match"));
  }
  ASSIGN_OR_RETURN(const auto key_pem, directory.Read(kAuthorityKeyFile));
  if (!key_pem.has_value()) {
    return Damaged(directory.PathOf(kAuthorityKeyFile), absl::NotFoundError("it is missing"));
  }
  const auto key = ReadPrivateKey(key_pem->view());
  if (!key.ok()) return Damaged(directory.PathOf(kAuthorityKeyFile), key.status());
  if (X509_check_private_key(certificate->get(), key->get()) != 1) {
    return Damaged(directory.PathOf(kAuthorityKeyFile),
                   absl::DataLossError(absl::StrCat("it is not the key of ", kAuthorityFile)));
  }
  return Authority::Load(certificate_pem, key_pem->view());
}

void AppendBlock(std::string& yaml, absl::string_view key, absl::string_view text) {
  absl::StrAppend(&yaml, key, ": |\n");
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    absl::StrAppend(&yaml, "  ", line, "\n");
  }
}

}  // namespace

absl::StatusOr<Authority> LoadOrMakeAuthority(const DataDirectory& directory, absl::Time now) {
  ASSIGN_OR_RETURN(const auto certificate, directory.Read(kAuthorityFile));
  if (certificate.has_value()) return LoadAuthority(directory, certificate->view());
  if (access(directory.PathOf(kDatabaseFile).c_str(), F_OK) == 0) {
    return Damaged(directory.PathOf(kAuthorityFile), absl::NotFoundError("it is missing"));
  }
  ASSIGN_OR_RETURN(auto authority, Authority::Make(now));
  ASSIGN_OR_RETURN(const auto key, authority.key_pem());
  // The certificate is written last: if it exists, the authority is complete.
  absl::Status status = directory.Write(kAuthorityKeyFile, key.view());
  if (status.ok()) status = directory.Write(kAuthorityFile, authority.certificate_pem());
  if (!status.ok()) return status;
  return authority;
}

absl::Status RefreshController(const DataDirectory& directory, const Authority& authority,
                               const std::vector<std::string>& names, absl::Time now) {
  ASSIGN_OR_RETURN(const auto key, LoadOrMakeKey(directory, kControllerKeyFile));
  ASSIGN_OR_RETURN(const auto pem, directory.Read(kControllerFile));
  const Fitness fitness = FitnessOfController(pem, authority, names, key.get(), now);
  if (fitness == Fitness::kGood) return absl::OkStatus();
  Say(directory, kControllerFile, fitness);
  ASSIGN_OR_RETURN(const auto issued,
                   authority.IssueController(names, key.get(), kControllerLifetime, now));
  // The file contains the CA's certificate too, because a host that enrols knows only the CA's
  // fingerprint and must be shown the CA.
  return directory.Write(kControllerFile, absl::StrCat(issued.pem, authority.certificate_pem()));
}

absl::StatusOr<ControllerCertificate> ReadController(const DataDirectory& directory) {
  ASSIGN_OR_RETURN(auto chain, directory.Read(kControllerFile));
  ASSIGN_OR_RETURN(auto key, directory.Read(kControllerKeyFile));
  if (!chain.has_value() || !key.has_value()) {
    return absl::NotFoundError("the controller's certificate or key is not there");
  }
  return ControllerCertificate{std::string(chain->view()), *std::move(key)};
}

absl::StatusOr<absl::Time> ControllerCertificateEnd(const DataDirectory& directory) {
  ASSIGN_OR_RETURN(const auto chain, directory.Read(kControllerFile));
  if (!chain.has_value()) return absl::NotFoundError("the controller's certificate is not there");
  ASSIGN_OR_RETURN(const auto certificate, ReadCertificate(chain->view()));
  return NotAfter(certificate.get());
}

absl::Status RefreshAdminContext(const DataDirectory& directory, const Authority& authority,
                                 const std::string& address, absl::Time now) {
  ASSIGN_OR_RETURN(const auto present, directory.Read(kAdminContextFile));
  const Fitness fitness = FitnessOfContext(present, authority, address, now);
  if (fitness == Fitness::kGood) return absl::OkStatus();
  Say(directory, kAdminContextFile, fitness);
  ASSIGN_OR_RETURN(const auto key, MakeKey());
  ASSIGN_OR_RETURN(const auto key_pem, PrivateKeyPem(key.get()));
  ASSIGN_OR_RETURN(const auto issued,
                   authority.IssueClient(absl::StrCat(kAdminUriPrefix, kAdminName), key.get(),
                                         kAdminLifetime, now));
  std::string yaml;
  yaml.reserve(8192);  // prevents a reallocation, which would leave the key behind in freed memory
  absl::StrAppend(&yaml, "# An administrator's way to the controller: firebreak --context FILE.\n",
                  "controller: \"", address, "\"\n");
  AppendBlock(yaml, "ca", authority.certificate_pem());
  AppendBlock(yaml, "certificate", issued.pem);
  AppendBlock(yaml, "key", key_pem.view());
  const Secret context(std::move(yaml));
  return directory.Write(kAdminContextFile, context.view());
}

}  // namespace firebreak::controller
