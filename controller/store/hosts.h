// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_STORE_HOSTS_H_
#define FIREBREAK_CONTROLLER_STORE_HOSTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/store/connection.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::controller {

// The last report of a host. Only the address and the time are the controller's own knowledge; the
// rest is what the host says.
struct HostReport {
  absl::Time last_seen = absl::InfinitePast();  // InfinitePast: never
  std::string address;
  std::string agent_version;
  v1::Receipt receipt;  // empty: no receipt
  v1::Refusal refusal;  // empty: no refusal
  v1::Facts facts;
};

// A host's identity, as the controller itself has determined it.
struct HostRecord {
  std::string name;
  std::map<std::string, std::string> labels;
  std::string key_sha256;  // of the public key (SubjectPublicKeyInfo, DER)
  std::string token;       // id of the token with which the host enrolled
  // SHA-256 of the certificate that the host uses, and of a newer one that it was given but has not
  // used yet (empty: none). The first use of the newer one invalidates the older one.
  std::string fingerprint;
  std::string next_fingerprint;
  absl::Time certificate_ends;  // notAfter of the newest certificate
  absl::Time enrolled_at;
  absl::Time revoked_at = absl::InfinitePast();  // InfinitePast: not revoked
  // The number of the newest certificate; the next one gets a higher number. 0: the certificate was
  // issued before certificates had numbers.
  int64_t certificate_number = 0;
  // Tokens up to this number were made before the host was last revoked, and can never enrol it
  // again.
  int64_t barred_tokens = 0;

  bool revoked() const { return revoked_at != absl::InfinitePast(); }
};

struct StoredHost {
  HostRecord record;
  HostReport report;
};

// Returns all hosts in the order of their names.
absl::StatusOr<std::vector<StoredHost>> LoadHosts(Connection& connection);

// Inserts the host, or replaces its record and labels; the report of a known host stays.
absl::Status PutHost(Connection& connection, const HostRecord& host);

// Deletes the host; only its number of barred tokens stays.
absl::Status ForgetHost(Connection& connection, const HostRecord& host);
// Tokens up to the returned number can never enrol the forgotten host of this name.
absl::StatusOr<int64_t> BarredTokens(Connection& connection, const std::string& name);

absl::Status SetHostReport(Connection& connection, const std::string& name,
                           const HostReport& report);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_HOSTS_H_
