#ifndef FIREBREAK_PROTO_AUDIT_CHAIN_H_
#define FIREBREAK_PROTO_AUDIT_CHAIN_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak {

// The audit trail as a chain: what the controller makes and `firebreak audit verify` makes again.
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
// what strangers can fill; number, time, result, content digest and hash stay. The hash covers them
// apart from the texts, so that the chain holds and also proves of a row without texts when it was
// added and that it was a refused attempt from the start: nothing else can pass for one.
//
// What it proves: a row within the chain cannot be changed, taken out or put in without every later
// hash being another, and so the head. A signed head that was seen elsewhere (the CLI keeps the
// last, the controller's log has one an hour) proves that the trail up to it still is what it was;
// without one, somebody who holds the database could cut off its end. Somebody who holds the CA's
// key could write a whole other trail, but none that contains a head that was kept elsewhere.

inline constexpr size_t kAuditHashBytes = 32;

// All zeros.
std::string FirstAuditHash();

std::string AuditContentDigest(const v1::AuditRow& row);
// The hash of a row with its content digest that follows the row with the hash `before`.
std::string NextAuditHash(absl::string_view before, const v1::AuditRow& row);

// What is signed of a head.
std::string AuditHeadStatement(const v1::AuditHead& head);
// By the key of the certificate, PEM.
absl::Status CheckAuditHead(const v1::AuditHead& head, const std::string& ca_pem);

// Follows the chain row by row, from the first.
class AuditChecker {
 public:
  // DataLoss: the row does not follow the one before it; the message names it and says why.
  absl::Status Add(const v1::AuditRow& row);

  uint64_t number() const { return number_; }  // of the last row
  const std::string& hash() const { return hash_; }

 private:
  uint64_t number_ = 0;
  std::string hash_ = FirstAuditHash();
};

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_AUDIT_CHAIN_H_
