// SPDX-License-Identifier: Apache-2.0
#include "controller/store/high_water_mark.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"
#include "controller/store/audit.h"
#include "controller/store/restores.h"
#include "controller/store/revisions.h"

namespace firebreak::controller {
namespace {

constexpr size_t kDigestBytes = 32;

std::string Body(const HighWaterMark& mark) {
  return absl::StrCat("How far firebreak.db has come; the controller keeps it.\n", "audit ",
                      mark.audit_row, " ", absl::BytesToHexString(mark.audit_hash), "\n",
                      "revision ", mark.revision, " ", absl::BytesToHexString(mark.revision_digest),
                      "\n", "restores ", mark.restores, "\n");
}

bool ReadLine(absl::string_view line, absl::string_view label, uint64_t& number,
              std::string* digest) {
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  if (words.size() != (digest != nullptr ? 3u : 2u) || words[0] != label ||
      !absl::SimpleAtoi(words[1], &number)) {
    return false;
  }
  if (digest == nullptr) return true;
  *digest = absl::HexStringToBytes(words[2]);
  return digest->empty() || digest->size() == kDigestBytes;
}

absl::StatusOr<std::string> AuditHashAt(Connection& connection, uint64_t row) {
  if (row == 0) return std::string();
  ASSIGN_OR_RETURN(const auto rows, ReadAudit(connection, row - 1, 1));
  return rows.empty() || rows.front().number() != row ? std::string() : rows.front().hash();
}

}  // namespace

std::string MarkText(const HighWaterMark& mark) {
  const std::string body = Body(mark);
  return absl::StrCat(body, "sha256 ", absl::BytesToHexString(Sha256(body)), "\n");
}

absl::StatusOr<HighWaterMark> ParseMark(absl::string_view text) {
  HighWaterMark mark;
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  // Comparing the whole text ensures that it is exactly what MarkText writes.
  if (lines.size() != 6 || !ReadLine(lines[1], "audit", mark.audit_row, &mark.audit_hash) ||
      !ReadLine(lines[2], "revision", mark.revision, &mark.revision_digest) ||
      !ReadLine(lines[3], "restores", mark.restores, nullptr) || MarkText(mark) != text) {
    return absl::DataLossError("it is damaged");
  }
  return mark;
}

absl::StatusOr<HighWaterMark> MarkOf(Connection& connection) {
  HighWaterMark mark;
  ASSIGN_OR_RETURN(const auto end, ReadAuditEnd(connection));
  mark.audit_row = end.number();
  if (mark.audit_row > 0) mark.audit_hash = end.hash();
  ASSIGN_OR_RETURN(mark.revision, LatestRevision(connection));
  ASSIGN_OR_RETURN(const auto revision, FindRevision(connection, mark.revision));
  if (revision.has_value()) mark.revision_digest = revision->digest;
  ASSIGN_OR_RETURN(mark.restores, CountRestores(connection));
  return mark;
}

absl::Status CheckAgainstMark(Connection& connection, const HighWaterMark& mark) {
  ASSIGN_OR_RETURN(const auto now, MarkOf(connection));
  if (now.audit_row < mark.audit_row || now.revision < mark.revision ||
      now.restores < mark.restores) {
    return absl::DataLossError(
        absl::StrCat("the last changes are lost: the database ends with revision ", now.revision,
                     " and row ", now.audit_row, " of the audit trail, but it had revision ",
                     mark.revision, " and row ", mark.audit_row));
  }
  ASSIGN_OR_RETURN(const auto hash, AuditHashAt(connection, mark.audit_row));
  if (hash != mark.audit_hash) {
    return absl::DataLossError(absl::StrCat("it is another database, or was changed: row ",
                                            mark.audit_row,
                                            " of its audit trail is not the one that was stored"));
  }
  return absl::OkStatus();
}

}  // namespace firebreak::controller
