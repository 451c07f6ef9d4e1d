// SPDX-License-Identifier: Apache-2.0
#include "controller/store/hosts.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/status/status.h"

namespace firebreak::controller {
namespace {

Value OrNull(absl::Time time) {
  if (time == absl::InfinitePast()) return std::monostate();
  return Stored(time);
}

}  // namespace

absl::StatusOr<std::vector<StoredHost>> LoadHosts(Connection& connection) {
  std::vector<StoredHost> hosts;
  absl::flat_hash_map<std::string, size_t> places;
  absl::Status status = connection.Query(
      "SELECT name, key_sha256, fingerprint, next_fingerprint, enrolled_at, revoked_at, last_seen,"
      " address, agent_version, receipt, refusal, facts, token, certificate_ends, barred_tokens "
      "FROM"
      " hosts ORDER BY name",
      {}, [&](const Row& row) {
        StoredHost host;
        host.record.name = row.Bytes(0);
        host.record.key_sha256 = row.Bytes(1);
        host.record.fingerprint = row.Bytes(2);
        host.record.next_fingerprint = row.Bytes(3);
        host.record.enrolled_at = row.Time(4);
        host.record.revoked_at = row.Time(5);
        host.report.last_seen = row.Time(6);
        host.report.address = row.Bytes(7);
        host.report.agent_version = row.Bytes(8);
        // The host will report again, so a report that cannot be read is just left empty.
        if (!host.report.receipt.ParseFromString(row.Bytes(9))) host.report.receipt.Clear();
        if (!host.report.refusal.ParseFromString(row.Bytes(10))) host.report.refusal.Clear();
        if (!host.report.facts.ParseFromString(row.Bytes(11))) host.report.facts.Clear();
        host.record.token = row.Bytes(12);
        host.record.certificate_ends = row.Time(13);
        host.record.barred_tokens = row.Integer(14);
        places[host.record.name] = hosts.size();
        hosts.push_back(std::move(host));
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  status = connection.Query("SELECT host, number FROM host_certificates", {}, [&](const Row& row) {
    hosts[places.at(row.Bytes(0))].record.certificate_number = row.Integer(1);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  status = connection.Query("SELECT host, key, value FROM host_labels", {}, [&](const Row& row) {
    hosts[places.at(row.Bytes(0))].record.labels[row.Bytes(1)] = row.Bytes(2);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return hosts;
}

absl::Status PutHost(Connection& connection, const HostRecord& host) {
  absl::Status status = connection.Execute(
      "INSERT INTO hosts (name, key_sha256, token, fingerprint, next_fingerprint, certificate_ends,"
      " enrolled_at, revoked_at, barred_tokens, address, agent_version, receipt, refusal, facts)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', x'', x'', x'')"
      " ON CONFLICT (name) DO UPDATE SET key_sha256 = excluded.key_sha256,"
      " token = excluded.token, fingerprint = excluded.fingerprint,"
      " next_fingerprint = excluded.next_fingerprint,"
      " certificate_ends = excluded.certificate_ends,"
      " enrolled_at = excluded.enrolled_at, revoked_at = excluded.revoked_at,"
      " barred_tokens = excluded.barred_tokens",
      {host.name, Blob{host.key_sha256}, Blob{host.token}, Blob{host.fingerprint},
       Blob{host.next_fingerprint}, Stored(host.certificate_ends), Stored(host.enrolled_at),
       OrNull(host.revoked_at), host.barred_tokens});
  if (!status.ok()) return status;
  status = connection.Execute(
      "INSERT INTO host_certificates (host, number) VALUES (?, ?)"
      " ON CONFLICT (host) DO UPDATE SET number = excluded.number",
      {host.name, host.certificate_number});
  if (!status.ok()) return status;
  status = connection.Execute("DELETE FROM host_labels WHERE host = ?", {host.name});
  for (const auto& [key, value] : host.labels) {
    if (!status.ok()) return status;
    status = connection.Execute("INSERT INTO host_labels (host, key, value) VALUES (?, ?, ?)",
                                {host.name, key, value});
  }
  return status;
}

absl::Status ForgetHost(Connection& connection, const HostRecord& host) {
  RETURN_IF_ERROR(
      connection.Execute("INSERT INTO forgotten_hosts (name, barred_tokens) VALUES (?, ?)"
                         " ON CONFLICT (name) DO UPDATE SET barred_tokens = excluded.barred_tokens",
                         {host.name, host.barred_tokens}));
  return connection.Execute("DELETE FROM hosts WHERE name = ?", {host.name});
}

absl::StatusOr<int64_t> BarredTokens(Connection& connection, const std::string& name) {
  int64_t barred = 0;
  RETURN_IF_ERROR(connection.Query("SELECT barred_tokens FROM forgotten_hosts WHERE name = ?",
                                   {name}, [&](const Row& row) {
                                     barred = row.Integer(0);
                                     return absl::OkStatus();
                                   }));
  return barred;
}

absl::Status SetHostReport(Connection& connection, const std::string& name,
                           const HostReport& report) {
  const std::string receipt = report.receipt.SerializeAsString();
  const std::string refusal = report.refusal.SerializeAsString();
  const std::string facts = report.facts.SerializeAsString();
  return connection.Execute(
      "UPDATE hosts SET last_seen = ?, address = ?, agent_version = ?, receipt = ?, refusal = ?,"
      " facts = ? WHERE name = ?",
      {OrNull(report.last_seen), report.address, report.agent_version, Blob{receipt}, Blob{refusal},
       Blob{facts}, name});
}

}  // namespace firebreak::controller
