#include "controller/pki/fleet_files.h"

#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
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

// The key of a PEM file, or a new one that is written there first.
absl::StatusOr<KeyPtr> LoadOrMakeKey(const DataDirectory& directory, const char* file) {
  ASSIGN_OR_RETURN(const auto pem, directory.Read(file));
  if (pem.has_value()) {
    auto key = ReadPrivateKey(pem->view());
    if (!key.ok()) return Damaged(directory.PathOf(file), key.status());
    return key;
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

bool ControllerStillGood(const std::optional<Secret>& pem, const Authority& authority,
                         const std::vector<std::string>& names, EVP_PKEY* key, absl::Time now) {
  if (!pem.has_value()) return false;
  const auto certificate = ReadCertificate(pem->view());
  if (!certificate.ok() || PastHalfLife(certificate->get(), now) ||
      !IsIssuedBy(authority, certificate->get()) ||
      X509_check_private_key(certificate->get(), key) != 1) {
    return false;
  }
  for (const std::string& name : names) {
    if (X509_check_ip_asc(certificate->get(), name.c_str(), 0) != 1 &&
        X509_check_host(certificate->get(), name.c_str(), name.size(), 0, nullptr) != 1) {
      return false;
    }
  }
  return true;
}

bool ContextStillGood(const std::optional<Secret>& text, const Authority& authority,
                      const std::string& address, absl::Time now) {
  if (!text.has_value()) return false;
  try {
    std::string copy(text->view());
    const YAML::Node context = YAML::Load(copy);
    Secret::Wipe(copy);
    if (context["controller"].as<std::string>() != address ||
        context["ca"].as<std::string>() != authority.certificate_pem()) {
      return false;
    }
    const auto certificate = ReadCertificate(context["certificate"].as<std::string>());
    return certificate.ok() && !PastHalfLife(certificate->get(), now) &&
           IsIssuedBy(authority, certificate->get());
  } catch (const YAML::Exception&) {
    return false;
  }
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
  if (certificate.has_value()) {
    ASSIGN_OR_RETURN(const auto key, directory.Read(kAuthorityKeyFile));
    if (!key.has_value()) {
      return Damaged(directory.PathOf(kAuthorityKeyFile), absl::NotFoundError("it is missing"));
    }
    auto authority = Authority::Load(certificate->view(), key->view());
    if (!authority.ok()) return Damaged(directory.PathOf(kAuthorityFile), authority.status());
    return authority;
  }
  if (access(directory.PathOf(kDatabaseFile).c_str(), F_OK) == 0) {
    return Damaged(directory.PathOf(kAuthorityFile), absl::NotFoundError("it is missing"));
  }
  ASSIGN_OR_RETURN(auto authority, Authority::Make(now));
  ASSIGN_OR_RETURN(const auto key, authority.key_pem());
  // The certificate comes last: its presence says that the authority is whole.
  absl::Status status = directory.Write(kAuthorityKeyFile, key.view());
  if (status.ok()) status = directory.Write(kAuthorityFile, authority.certificate_pem());
  if (!status.ok()) return status;
  return authority;
}

absl::Status RefreshController(const DataDirectory& directory, const Authority& authority,
                               const std::vector<std::string>& names, absl::Time now) {
  ASSIGN_OR_RETURN(const auto key, LoadOrMakeKey(directory, kControllerKeyFile));
  ASSIGN_OR_RETURN(const auto pem, directory.Read(kControllerFile));
  if (ControllerStillGood(pem, authority, names, key.get(), now)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto issued,
                   authority.IssueController(names, key.get(), kControllerLifetime, now));
  // The CA goes with it: a host that enrols knows the CA by its fingerprint alone, and must be
  // shown it.
  return directory.Write(kControllerFile, absl::StrCat(issued.pem, authority.certificate_pem()));
}

absl::Status RefreshAdminContext(const DataDirectory& directory, const Authority& authority,
                                 const std::string& address, absl::Time now) {
  ASSIGN_OR_RETURN(const auto present, directory.Read(kAdminContextFile));
  if (ContextStillGood(present, authority, address, now)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto key, MakeKey());
  ASSIGN_OR_RETURN(const auto key_pem, PrivateKeyPem(key.get()));
  ASSIGN_OR_RETURN(const auto issued,
                   authority.IssueClient(absl::StrCat(kAdminUriPrefix, kAdminName), key.get(),
                                         kAdminLifetime, now));
  std::string yaml;
  yaml.reserve(8192);  // so that the key is not left behind in a smaller buffer
  absl::StrAppend(&yaml, "# An administrator's way to the controller: firebreak --context FILE.\n",
                  "controller: \"", address, "\"\n");
  AppendBlock(yaml, "ca", authority.certificate_pem());
  AppendBlock(yaml, "certificate", issued.pem);
  AppendBlock(yaml, "key", key_pem.view());
  const Secret context(std::move(yaml));
  return directory.Write(kAdminContextFile, context.view());
}

}  // namespace firebreak::controller
