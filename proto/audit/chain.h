// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_AUDIT_CHAIN_H_
#define FIREBREAK_PROTO_AUDIT_CHAIN_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak {

// The audit trail is a chain of hashes, which the controller computes and `firebreak audit verify`
// computes again.
//
//   content digest  SHA-256 of "firebreak audit content\0", then actor, peer, action, object and
//                   detail, each behind its length (8 bytes, highest first)
//   hash            SHA-256 of "firebreak audit row\0", the hash of the row before (32 zero bytes
//                   before the first), the number (8 bytes), the time (microseconds since 1970,
//                   likewise), the result behind its length, and the content digest
//   signature       of a head: ECDSA with SHA-256 by the key of the fleet's CA, of
//                   "firebreak audit head\0", the number, the time (seconds since 1970), the hash
//
// Rows are numbered from 1 without a hole. The texts of a refused attempt may be dropped to bound
// what strangers can fill; number, time, result, content digest and hash stay. The hash covers
// these five but not the texts, so the chain stays valid. It still proves when a row without texts
// was added, and that it was a refused attempt from the start: no other row can be passed off as
// one.
//
// A row cannot be changed, removed or inserted without changing every later hash, and so the head.
// A signed head that was kept elsewhere (the CLI keeps the last one, the controller's log has one
// an hour) proves that the trail up to it is unchanged. Without such a head, somebody who holds the
// database could cut off the end of the trail. Somebody who holds the CA's key could write a
// different trail, but not one that contains a head that was kept elsewhere.

inline constexpr size_t kAuditHashBytes = 32;

// The hash before the first row: all zeros.
std::string FirstAuditHash();

std::string AuditContentDigest(const v1::AuditRow& row);
// The hash of a row, made from its content digest and `before`, the hash of the row before it.
std::string NextAuditHash(absl::string_view before, const v1::AuditRow& row);

// The bytes that are signed for a head.
std::string AuditHeadStatement(const v1::AuditHead& head);
// Checks the head's signature with the key of the certificate (PEM).
absl::Status CheckAuditHead(const v1::AuditHead& head, const std::string& ca_pem);

// Checks the chain row by row, beginning with the first row.
class AuditChecker {
 public:
  // DataLoss: the row does not follow from the one before it; the message names the row and the
  // reason.
  absl::Status Add(const v1::AuditRow& row);

  uint64_t number() const { return number_; }  // number of the last row
  const std::string& hash() const { return hash_; }

 private:
  uint64_t number_ = 0;
  std::string hash_ = FirstAuditHash();
};

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_AUDIT_CHAIN_H_
