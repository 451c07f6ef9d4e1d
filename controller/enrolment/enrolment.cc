// SPDX-License-Identifier: Apache-2.0
#include "controller/enrolment/enrolment.h"

#include <openssl/rand.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status/status.h"
#include "controller/pki/key.h"
#include "controller/pki/signing_request.h"
#include "controller/store/audit.h"
#include "controller/store/tokens.h"
#include "policy/resources/names.h"
#include "proto/endpoint/endpoint.h"
#include "proto/endpoint/token.h"

namespace firebreak::controller {
namespace {

constexpr uint32_t kMaxTtlSeconds = 30 * 24 * 3600;
constexpr uint32_t kMaxUses = 100'000;
constexpr size_t kMaxLabels = 64;

absl::string_view View(const auto& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string LabelText(const std::map<std::string, std::string>& labels) {
  return absl::StrJoin(labels, ",", absl::PairFormatter("="));
}

// What the audit trail says of an enrolment.
std::string DetailOf(const HostRecord& next, const std::optional<HostRecord>& present,
                     const std::optional<Caller>& proof) {
  std::string detail = LabelText(next.labels);
  if (present.has_value() && !present->revoked() && present->key_sha256 != next.key_sha256) {
    absl::StrAppend(&detail, "; replaces the key that it had");
  }
  if (proof.has_value() && proof->name != next.name) {
    absl::StrAppend(&detail, "; it was ", proof->Text());
  }
  return detail;
}

// The row of the token, if it is good. A stranger learns no more than that it is not.
absl::StatusOr<TokenRow> FindGoodToken(Connection& connection, const Token& token, absl::Time now) {
  auto found = FindToken(connection, View(token.id));
  if (absl::IsNotFound(found.status())) {
    return absl::UnauthenticatedError("the enrolment token is not known here");
  }
  if (!found.ok()) return found.status();
  const TokenRow& row = *found;
  const std::string digest = Sha256(View(token.secret));
  if (row.secret_sha256.size() != digest.size() ||
      CRYPTO_memcmp(row.secret_sha256.data(), digest.data(), digest.size()) != 0) {
    return absl::UnauthenticatedError("the enrolment token is not known here");
  }
  if (now >= row.expires_at) {
    return absl::UnauthenticatedError(
        absl::StrCat("the enrolment token expired at ",
                     absl::FormatTime(absl::RFC3339_sec, row.expires_at, absl::UTCTimeZone()),
                     "; get a new one with firebreak token create"));
  }
  return found;
}

using Labels = std::map<std::string, std::string>;

// Returns the labels that the host of the request has afterwards, if it has `labels` now.
absl::StatusOr<Labels> Relabelled(Labels labels, const v1::SetHostLabelsRequest& request) {
  for (const std::string& key : request.remove()) {
    if (labels.erase(key) == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("host ", request.name(), " has no label \"", key, "\""));
    }
  }
  for (const auto& [key, value] : request.set()) labels[key] = value;
  if (labels.size() > kMaxLabels) {
    return absl::InvalidArgumentError(absl::StrCat("a host has at most ", kMaxLabels, " labels"));
  }
  return labels;
}

}  // namespace

absl::StatusOr<IssuedCertificate> Enrolment::Issue(const std::string& host, EVP_PKEY* key,
                                                   int64_t number, absl::Time now) const {
  return authority_.IssueClient(absl::StrCat(kHostUriPrefix, host), key, host_lifetime_, now,
                                number);
}

v1::EnrolResponse Enrolment::Response(const std::string& host,
                                      const IssuedCertificate& issued) const {
  v1::EnrolResponse response;
  response.set_name(host);
  response.set_certificate(issued.pem);
  response.set_ca(authority_.certificate_pem());
  return response;
}

absl::StatusOr<Enrolment::IssuedToken> Enrolment::CreateToken(const v1::CreateTokenRequest& request,
                                                              const std::string& actor,
                                                              const std::string& peer,
                                                              absl::Time now) {
  if (request.ttl_seconds() < 1 || request.ttl_seconds() > kMaxTtlSeconds) {
    return absl::InvalidArgumentError("a token is valid for 1 second to 30 days (720h)");
  }
  if (request.uses() < 1 || request.uses() > kMaxUses) {
    return absl::InvalidArgumentError("a token has from 1 to 100000 uses");
  }
  if (request.labels().size() > kMaxLabels) {
    return absl::InvalidArgumentError(absl::StrCat("a host has at most ", kMaxLabels, " labels"));
  }
  for (const auto& [key, value] : request.labels()) {
    RETURN_IF_ERROR(policy::CheckLabel(key, value));
  }
  if (!request.host().empty()) RETURN_IF_ERROR(policy::CheckName(request.host()));
  Token token;
  if (RAND_bytes(token.id.data(), token.id.size()) != 1 ||
      RAND_bytes(token.secret.data(), token.secret.size()) != 1) {
    return OpensslError("make a token");
  }
  std::copy_n(authority_.fingerprint().begin(), token.ca_fingerprint.size(),
              token.ca_fingerprint.begin());
  TokenRow row{.id = std::string(View(token.id)),
               .secret_sha256 = Sha256(View(token.secret)),
               .created_by = actor,
               .created_at = now,
               .expires_at = now + absl::Seconds(request.ttl_seconds()),
               .uses_left = request.uses(),
               .host = request.host(),
               .labels = {request.labels().begin(), request.labels().end()}};
  const absl::Status status = database_.Transact("create a token", [&](Connection& connection) {
    RETURN_IF_ERROR(InsertToken(connection, row));
    return AppendAudit(
        connection, now,
        {.actor = actor,
         .peer = peer,
         .action = "create token",
         .object = absl::StrCat("token ", absl::BytesToHexString(row.id)),
         .result = "done",
         .detail = absl::StrCat(request.uses(), " uses, ", request.ttl_seconds(), " seconds; ",
                                LabelText(row.labels),
                                row.host.empty() ? "" : absl::StrCat("; for host ", row.host))});
  });
  if (!status.ok()) return status;
  return IssuedToken{Secret(EncodeToken(token)), row.expires_at};
}

absl::StatusOr<HostRecord> Enrolment::LetIn(Connection& connection, const std::string& name,
                                            const TokenRow& token, const std::string& key_sha256,
                                            const std::optional<HostRecord>& present,
                                            const std::optional<Caller>& proof) const {
  HostRecord next = present.value_or(HostRecord{.name = name});
  if (!present.has_value()) {
    ASSIGN_OR_RETURN(next.barred_tokens, BarredTokens(connection, name));
  }
  if (token.number <= next.barred_tokens) {
    return absl::UnauthenticatedError(
        absl::StrCat("host ", name,
                     " has been revoked, and the enrolment token was made before that; get a "
                     "new one with firebreak token create"));
  }
  if (!token.host.empty() && token.host != name) {
    return absl::UnauthenticatedError(absl::StrCat("the enrolment token is for host ", token.host,
                                                   "; start the agent with --name ", token.host));
  }
  const bool known = present.has_value() && !present->revoked();
  const bool same_key = known && present->key_sha256 == key_sha256;
  const bool proven =
      known && proof.has_value() && proof->role == Role::kHost && proof->name == name;
  const bool answered_before = same_key && present->token == token.id;
  const auto& labels = present.has_value() && token.labels.empty() ? present->labels : token.labels;
  const bool changes_nothing =
      proven && registry_.IsCurrent(name, proof->fingerprint) && labels == present->labels;
  if (!answered_before) {
    if (token.uses_left <= 0) {
      return absl::UnauthenticatedError(
          "the enrolment token has been used up; get a new one with firebreak token create");
    }
    if (known && !same_key && !proven && token.host != name) {
      return absl::AlreadyExistsError(
          absl::StrCat("host ", name,
                       " is enrolled already, with another key; if this is the same machine, "
                       "installed anew, make a token for it: firebreak token create --host ",
                       name, "; if it is another one, give it another name with --name"));
    }
    if (!changes_nothing) RETURN_IF_ERROR(UseToken(connection, token.id));
  }
  next.labels = labels;
  next.key_sha256 = key_sha256;
  next.token = token.id;
  next.revoked_at = absl::InfinitePast();
  return next;
}

absl::StatusOr<v1::EnrolResponse> Enrolment::Enrol(const v1::EnrolRequest& request,
                                                   const std::optional<Caller>& proof,
                                                   const std::string& peer, absl::Time now) {
  auto token = DecodeToken(request.token());
  if (!token.ok()) return absl::UnauthenticatedError(token.status().message());
  if (View(token->ca_fingerprint) != authority_.fingerprint()) {
    return absl::UnauthenticatedError("the enrolment token belongs to another fleet");
  }
  // Before anything else is looked at: what a stranger is told must not be of his choosing, as each
  // reason for a refusal is recorded by itself.
  absl::StatusOr<TokenRow> good = absl::UnknownError("not looked for");
  const absl::Status looked = database_.Transact("check a token", [&](Connection& connection) {
    good = FindGoodToken(connection, *token, now);
    return absl::OkStatus();
  });
  if (!looked.ok()) return looked;
  if (!good.ok()) return good.status();
  const std::string& name = request.name();
  if (absl::Status status = policy::CheckName(name); !status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(status.message(), "; give the host another name with --name"));
  }
  const auto key = PublicKeyOfRequest(request.signing_request());
  if (!key.ok()) return key.status();
  ASSIGN_OR_RETURN(const auto key_sha256, PublicKeySha256(key->get()));

  absl::StatusOr<IssuedCertificate> issued = absl::UnknownError("not issued");
  v1::EnrolResponse response;
  const absl::Status status = registry_.Change(
      absl::StrCat("enrol host ", name), name,
      [&](Connection& connection,
          const std::optional<HostRecord>& present) -> absl::StatusOr<HostRecord> {
        ASSIGN_OR_RETURN(const auto row, FindGoodToken(connection, *token, now));
        ASSIGN_OR_RETURN(HostRecord next, LetIn(connection, name, row, key_sha256, present, proof));
        ++next.certificate_number;
        issued = Issue(name, key->get(), next.certificate_number, now);
        if (!issued.ok()) return issued.status();
        next.fingerprint = issued->fingerprint;
        next.next_fingerprint.clear();
        next.certificate_ends = issued->not_after;
        next.enrolled_at = now;
        response.mutable_labels()->insert(next.labels.begin(), next.labels.end());
        RETURN_IF_ERROR(
            AppendAudit(connection, now,
                        {.actor = absl::StrCat("token/", absl::BytesToHexString(row.id)),
                         .peer = peer,
                         .action = "enrol",
                         .object = absl::StrCat("host ", name),
                         .result = "done",
                         .detail = DetailOf(next, present, proof)}));
        return next;
      });
  if (!status.ok()) return status;
  response.MergeFrom(Response(name, *issued));
  return response;
}

absl::StatusOr<v1::EnrolResponse> Enrolment::Renew(const std::string& host,
                                                   const v1::RenewRequest& request,
                                                   const std::string& peer, absl::Time now) {
  ASSIGN_OR_RETURN(const auto key, PublicKeyOfRequest(request.signing_request()));
  ASSIGN_OR_RETURN(const auto key_sha256, PublicKeySha256(key.get()));
  RETURN_IF_ERROR(renewals_.Spend(host, now));
  absl::StatusOr<IssuedCertificate> issued = absl::UnknownError("not issued");
  const absl::Status status = registry_.Change(
      absl::StrCat("renew the certificate of host ", host), host,
      [&](Connection& connection,
          const std::optional<HostRecord>& present) -> absl::StatusOr<HostRecord> {
        if (!present.has_value() || present->revoked()) {
          return absl::UnauthenticatedError(absl::StrCat("host ", host, " has been revoked"));
        }
        HostRecord next = *present;
        ++next.certificate_number;
        issued = Issue(host, key.get(), next.certificate_number, now);
        if (!issued.ok()) return issued.status();
        next.key_sha256 = key_sha256;
        next.next_fingerprint = issued->fingerprint;
        next.certificate_ends = issued->not_after;
        RETURN_IF_ERROR(AppendAudit(connection, now,
                                    {.actor = absl::StrCat("host/", host),
                                     .peer = peer,
                                     .action = "renew",
                                     .object = absl::StrCat("host ", host),
                                     .result = "done"}));
        return next;
      });
  if (!status.ok()) return status;
  return Response(host, *issued);
}

absl::Status Enrolment::Revoke(const std::string& host, const std::string& actor,
                               const std::string& peer, absl::Time now) {
  return registry_.Change(
      absl::StrCat("revoke host ", host), host,
      [&](Connection& connection,
          const std::optional<HostRecord>& present) -> absl::StatusOr<HostRecord> {
        if (!present.has_value()) return absl::NotFoundError(absl::StrCat("no host ", host));
        if (present->revoked()) return *present;
        ASSIGN_OR_RETURN(const auto barred, LastTokenNumber(connection));
        HostRecord next = *present;
        next.revoked_at = now;
        next.barred_tokens = barred;
        RETURN_IF_ERROR(AppendAudit(connection, now,
                                    {.actor = actor,
                                     .peer = peer,
                                     .action = "revoke",
                                     .object = absl::StrCat("host ", host),
                                     .result = "done"}));
        return next;
      });
}

absl::Status Enrolment::Forget(const std::string& host, const std::string& actor,
                               const std::string& peer, absl::Time now) {
  return registry_.Forget(host, [&](Connection& connection) {
    return AppendAudit(connection, now,
                       {.actor = actor,
                        .peer = peer,
                        .action = "forget",
                        .object = absl::StrCat("host ", host),
                        .result = "done"});
  });
}

absl::StatusOr<std::map<std::string, std::string>> Enrolment::SetLabels(
    const v1::SetHostLabelsRequest& request, const std::string& overridden,
    const std::string& actor, const std::string& peer, absl::Time now) {
  for (const auto& [key, value] : request.set()) RETURN_IF_ERROR(policy::CheckLabel(key, value));
  const std::string& host = request.name();
  Labels labels;
  const auto change = [&](Connection& connection,
                          const std::optional<HostRecord>& present) -> absl::StatusOr<HostRecord> {
    if (!present.has_value()) return absl::NotFoundError(absl::StrCat("no host ", host));
    HostRecord next = *present;
    ASSIGN_OR_RETURN(next.labels, Relabelled(present->labels, request));
    labels = next.labels;
    const auto record = [&](const char* action, std::string detail) {
      return AppendAudit(connection, now,
                         {.actor = actor,
                          .peer = peer,
                          .action = action,
                          .object = absl::StrCat("host ", host),
                          .result = "done",
                          .detail = std::move(detail)});
    };
    RETURN_IF_ERROR(record("set labels", LabelText(labels)));
    if (overridden.empty()) return next;
    RETURN_IF_ERROR(record("override invariants", overridden));
    return next;
  };
  RETURN_IF_ERROR(registry_.Change(absl::StrCat("set the labels of host ", host), host, change));
  return labels;
}

}  // namespace firebreak::controller
