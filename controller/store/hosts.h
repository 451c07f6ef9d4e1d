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

// What was last heard of a host. All of it is the host's word but the address and the time.
struct HostReport {
  absl::Time last_seen = absl::InfinitePast();  // InfinitePast: never
  std::string address;
  std::string agent_version;
  v1::Receipt receipt;  // empty: none
  v1::Refusal refusal;  // empty: none
  v1::Facts facts;
};

// Who a host is, by the controller's own word.
struct HostRecord {
  std::string name;
  std::map<std::string, std::string> labels;
  std::string key_sha256;  // of the public key (SubjectPublicKeyInfo, DER)
  std::string token;       // id of the token that it enrolled with
  // SHA-256 of the certificate that the host uses, and of the newer one that it was given and has
  // not used yet (empty: none). The first use of the newer makes the older worthless.
  std::string fingerprint;
  std::string next_fingerprint;
  absl::Time certificate_ends;  // the newest's notAfter
  absl::Time enrolled_at;
  absl::Time revoked_at = absl::InfinitePast();  // InfinitePast: not revoked
  // The number of the newest certificate; the next has a higher one. 0: it is older than the
  // numbers.
  int64_t certificate_number = 0;
  // Tokens up to this number were made before the host was last revoked, and never enrol it again.
  int64_t barred_tokens = 0;

  bool revoked() const { return revoked_at != absl::InfinitePast(); }
};

struct StoredHost {
  HostRecord record;
  HostReport report;
};

// In the order of their names.
absl::StatusOr<std::vector<StoredHost>> LoadHosts(Connection& connection);

// Inserts the host or replaces its record and labels; the report of a known host stays.
absl::Status PutHost(Connection& connection, const HostRecord& host);

// Deletes the host; BarredTokens is all that is left of it.
absl::Status ForgetHost(Connection& connection, const HostRecord& host);
// Tokens up to this number never enrol a forgotten host of this name.
absl::StatusOr<int64_t> BarredTokens(Connection& connection, const std::string& name);

absl::Status SetHostReport(Connection& connection, const std::string& name,
                           const HostReport& report);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_HOSTS_H_
