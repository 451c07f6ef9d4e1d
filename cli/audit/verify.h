// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_AUDIT_VERIFY_H_
#define FIREBREAK_CLI_AUDIT_VERIFY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "cli/audit/anchor.h"
#include "firebreak/v1/admin.pb.h"
#include "firebreak/v1/report.pb.h"
#include "proto/audit/chain.h"

namespace firebreak::cli {

// Checks an audit trail, part by part, against its own hashes, the signed heads that come with it,
// and the end that was last seen. It trusts the controller only for what the CA has signed.
// DataLoss says what is wrong.
class TrailVerifier {
 public:
  TrailVerifier(std::string ca_pem, const std::optional<Anchor>& anchor);

  absl::Status Add(const v1::AuditRows& part);
  // Call this after the last part.
  absl::Status Finish() const;

  // The result for a trail that Finish has accepted.
  v1::AuditReport Report() const { return report_; }

 private:
  absl::Status AddHead(const v1::AuditHead& head, const char* what);

  struct Expected {
    std::string hash;
    std::string what;
  };

  const std::string ca_pem_;
  std::multimap<uint64_t, Expected> expected_;  // by number; heads whose row has not come yet
  bool headed_ = false;
  AuditChecker checker_;
  v1::AuditReport report_;
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_AUDIT_VERIFY_H_
