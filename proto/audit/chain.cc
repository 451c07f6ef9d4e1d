// SPDX-License-Identifier: Apache-2.0
#include "proto/audit/chain.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "base/openssl/openssl.h"

namespace firebreak {
namespace {

void AppendNumber(uint64_t number, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

void AppendText(absl::string_view text, std::string& out) {
  AppendNumber(text.size(), out);
  out.append(text.data(), text.size());
}

// Returns the label with its terminating NUL.
std::string Label(const char* label) {
  std::string text = label;
  text.push_back('\0');
  return text;
}

// The texts that may be dropped if the row is a refused attempt.
std::array<const std::string*, 5> InternedStrings(const v1::AuditRow& row) {
  return {&row.actor(), &row.peer(), &row.action(), &row.object(), &row.detail()};
}

}  // namespace

std::string FirstAuditHash() { return std::string(kAuditHashBytes, '\0'); }

std::string AuditContentDigest(const v1::AuditRow& row) {
  std::string content = Label("firebreak audit content");
  for (const std::string* text : InternedStrings(row)) AppendText(*text, content);
  return Sha256(content);
}

std::string NextAuditHash(absl::string_view before, const v1::AuditRow& row) {
  std::string covered = absl::StrCat(Label("firebreak audit row"), before);
  AppendNumber(row.number(), covered);
  const int64_t micros = row.at().seconds() * 1'000'000 + row.at().nanos() / 1000;
  AppendNumber(static_cast<uint64_t>(micros), covered);
  AppendText(row.result(), covered);
  covered += row.content_digest();
  return Sha256(covered);
}

std::string AuditHeadStatement(const v1::AuditHead& head) {
  std::string statement = Label("firebreak audit head");
  AppendNumber(head.number(), statement);
  AppendNumber(static_cast<uint64_t>(head.at().seconds()), statement);
  statement += head.hash();
  return statement;
}

absl::Status CheckAuditHead(const v1::AuditHead& head, const std::string& ca_pem) {
  const CertificatePtr ca = ReadCertificate(ca_pem);
  if (ca == nullptr) return absl::InvalidArgumentError("the CA's certificate cannot be read");
  const DigestPtr context(EVP_MD_CTX_new());
  const std::string statement = AuditHeadStatement(head);
  const bool good =
      head.hash().size() == kAuditHashBytes && context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                           X509_get0_pubkey(ca.get())) == 1 &&
      EVP_DigestVerify(
          context.get(), reinterpret_cast<const unsigned char*>(head.signature().data()),
          head.signature().size(), reinterpret_cast<const unsigned char*>(statement.data()),
          statement.size()) == 1;
  if (good) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the end of the trail that was given, row ",
                                          head.number(), ", is not signed by the fleet's CA"));
}

absl::Status AuditChecker::Add(const v1::AuditRow& row) {
  if (row.number() != number_ + 1) {
    return absl::DataLossError(absl::StrCat("row ", number_ + 1, " is missing: row ", row.number(),
                                            " comes after row ", number_));
  }
  if (row.dropped() && row.result() != "refused") {
    return absl::DataLossError(
        absl::StrCat("the text of row ", row.number(), " is gone, and it is no refused attempt"));
  }
  const std::array<const std::string*, 5> texts = InternedStrings(row);
  const bool changed = row.dropped() ? !std::all_of(texts.begin(), texts.end(),
                                                    [](auto* text) { return text->empty(); })
                                     : AuditContentDigest(row) != row.content_digest();
  if (changed) return absl::DataLossError(absl::StrCat("row ", row.number(), " has been changed"));
  if (NextAuditHash(hash_, row) != row.hash()) {
    return absl::DataLossError(absl::StrCat(
        "row ", row.number(), row.dropped() ? ", whose text is gone," : "",
        " does not follow the row before it: its time, its result or one of the two rows has been "
        "changed, or rows between them are gone"));
  }
  number_ = row.number();
  hash_ = row.hash();
  return absl::OkStatus();
}

}  // namespace firebreak
