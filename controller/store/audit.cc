// SPDX-License-Identifier: Apache-2.0
#include "controller/store/audit.h"

#include <algorithm>
#include <array>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "base/text/utf8.h"
#include "proto/audit/chain.h"

namespace firebreak::controller {
namespace {

// The most that is kept of a text, which a stranger may have chosen.
constexpr size_t kMaxTextBytes = 16 << 10;

std::string Readable(const std::string& text) {
  std::string readable = text.substr(0, kMaxTextBytes);
  absl::string_view left = readable;
  for (size_t bad; (bad = FindInvalidUtf8(left)) != absl::string_view::npos;) {
    readable[readable.size() - left.size() + bad] = '?';
    left.remove_prefix(bad + 1);
  }
  return readable;
}

void SetTime(absl::Time at, v1::AuditRow& row) {
  const int64_t micros = Stored(at);
  int64_t seconds = micros / 1'000'000;
  if (micros % 1'000'000 < 0) --seconds;
  row.mutable_at()->set_seconds(seconds);
  row.mutable_at()->set_nanos(static_cast<int32_t>((micros - seconds * 1'000'000) * 1000));
}

// SQLite chooses the index when it prepares a statement, and cannot use an index for a condition
// that a parameter may switch off. So there is one statement for each kind of filter. All have the
// same parameters: three forms of the actor, two of the host, the time, and then their own.
#define FIREBREAK_IS_ACTOR "actor IN (?1, ?2, ?3)"
#define FIREBREAK_IS_HOST "(actor = ?4 OR object = ?5 OR object = substr(?4, 6))"
#define FIREBREAK_AUDIT_STATEMENTS(condition)                                                    \
  {                                                                                              \
    "SELECT seq, at, actor, peer, action, object, result, detail, content_digest, hash, dropped" \
    " FROM audit WHERE " condition " AND at >= ?6 AND seq > ?7 ORDER BY seq LIMIT ?8",           \
        "SELECT seq FROM audit WHERE " condition                                                 \
        " AND at >= ?6 ORDER BY seq DESC LIMIT 1 OFFSET ?7"                                      \
  }

struct Statements {
  const char* read;
  const char* find_last;
};
constexpr Statements kAll = FIREBREAK_AUDIT_STATEMENTS("1");
constexpr Statements kOfActor = FIREBREAK_AUDIT_STATEMENTS(FIREBREAK_IS_ACTOR);
constexpr Statements kOfHost = FIREBREAK_AUDIT_STATEMENTS(FIREBREAK_IS_HOST);
constexpr Statements kOfBoth =
    FIREBREAK_AUDIT_STATEMENTS(FIREBREAK_IS_ACTOR " AND " FIREBREAK_IS_HOST);

#undef FIREBREAK_IS_ACTOR
#undef FIREBREAK_IS_HOST
#undef FIREBREAK_AUDIT_STATEMENTS

const Statements& StatementsFor(const AuditFilter& filter) {
  if (filter.actor.empty()) return filter.host.empty() ? kAll : kOfHost;
  return filter.host.empty() ? kOfActor : kOfBoth;
}

struct FilterValues {
  explicit FilterValues(const AuditFilter& filter)
      : names{filter.actor, absl::StrCat("admin/", filter.actor),
              absl::StrCat("host/", filter.actor), absl::StrCat("host/", filter.host),
              absl::StrCat("host ", filter.host)},
        since(filter.since.has_value() ? Stored(*filter.since)
                                       : std::numeric_limits<int64_t>::min()) {}

  const std::array<std::string, 5> names;
  const int64_t since;
};

}  // namespace

absl::Status AppendAudit(Connection& connection, absl::Time at, const AuditEntry& entry) {
  ASSIGN_OR_RETURN(const auto end, ReadAuditEnd(connection));
  v1::AuditRow row;
  SetTime(at, row);
  row.set_actor(Readable(entry.actor));
  row.set_peer(Readable(entry.peer));
  row.set_action(Readable(entry.action));
  row.set_object(Readable(entry.object));
  row.set_result(Readable(entry.result));
  row.set_detail(Readable(entry.detail));
  row.set_number(end.number() + 1);
  row.set_content_digest(AuditContentDigest(row));
  row.set_hash(NextAuditHash(end.hash(), row));
  connection.NoteAudited();
  return connection.Execute(
      "INSERT INTO audit (seq, at, actor, peer, action, object, result, detail, content_digest,"
      " hash, dropped) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
      {static_cast<int64_t>(row.number()), Stored(at), row.actor(), row.peer(), row.action(),
       row.object(), row.result(), row.detail(), Blob{row.content_digest()}, Blob{row.hash()}});
}

absl::Status CopyAuditRow(Connection& connection, const v1::AuditRow& row) {
  connection.NoteAudited();
  return connection.Execute(
      "INSERT INTO audit (seq, at, actor, peer, action, object, result, detail, content_digest,"
      " hash, dropped) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {static_cast<int64_t>(row.number()), row.at().seconds() * 1'000'000 + row.at().nanos() / 1000,
       row.actor(), row.peer(), row.action(), row.object(), row.result(), row.detail(),
       Blob{row.content_digest()}, Blob{row.hash()}, static_cast<int64_t>(row.dropped())});
}

absl::Status TrimAudit(Connection& connection) {
  RETURN_IF_ERROR(connection.Execute(
      "UPDATE audit SET actor = '', peer = '', action = '', object = '', detail = '', dropped = 1"
      " WHERE result = 'refused' AND dropped = 0 AND actor = '' AND seq <= ("
      " SELECT seq FROM audit WHERE result = 'refused' AND dropped = 0 AND actor = ''"
      " ORDER BY seq DESC LIMIT 1 OFFSET ?)",
      {kRefusalsKept}));
  return connection.Execute(
      "UPDATE audit SET actor = '', peer = '', action = '', object = '', detail = '', dropped = 1"
      " WHERE result = 'refused' AND dropped = 0 AND actor != '' AND seq <= ("
      " SELECT seq FROM audit WHERE result = 'refused' AND dropped = 0 AND actor != ''"
      " ORDER BY seq DESC LIMIT 1 OFFSET ?)",
      {kRefusalsKept});
}

absl::StatusOr<uint64_t> FindLastAudit(Connection& connection, uint64_t count,
                                       const AuditFilter& filter) {
  const FilterValues values(filter);
  uint64_t first = 1;
  absl::Status status = connection.Query(
      StatementsFor(filter).find_last,
      {values.names[0], values.names[1], values.names[2], values.names[3], values.names[4],
       values.since, static_cast<int64_t>(std::max<uint64_t>(count, 1) - 1)},
      [&](const Row& row) {
        first = static_cast<uint64_t>(row.Integer(0));
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return first - 1;
}

absl::StatusOr<std::vector<v1::AuditRow>> ReadAudit(Connection& connection, uint64_t after,
                                                    int64_t limit, const AuditFilter& filter) {
  const FilterValues values(filter);
  std::vector<v1::AuditRow> rows;
  absl::Status status =
      connection.Query(StatementsFor(filter).read,
                       {values.names[0], values.names[1], values.names[2], values.names[3],
                        values.names[4], values.since, static_cast<int64_t>(after), limit},
                       [&](const Row& found) {
                         v1::AuditRow& row = rows.emplace_back();
                         row.set_number(static_cast<uint64_t>(found.Integer(0)));
                         SetTime(found.Time(1), row);
                         // Whoever changed the file may have written any bytes.
                         row.set_actor(Readable(found.Bytes(2)));
                         row.set_peer(Readable(found.Bytes(3)));
                         row.set_action(Readable(found.Bytes(4)));
                         row.set_object(Readable(found.Bytes(5)));
                         row.set_result(Readable(found.Bytes(6)));
                         row.set_detail(Readable(found.Bytes(7)));
                         row.set_content_digest(found.Bytes(8));
                         row.set_hash(found.Bytes(9));
                         row.set_dropped(found.Integer(10) != 0);
                         return absl::OkStatus();
                       });
  if (!status.ok()) return status;
  return rows;
}

absl::StatusOr<v1::AuditHead> ReadAuditEnd(Connection& connection) {
  v1::AuditHead end;
  end.set_hash(FirstAuditHash());
  absl::Status status = connection.Query("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1",
                                         {}, [&](const Row& row) {
                                           end.set_number(static_cast<uint64_t>(row.Integer(0)));
                                           end.set_hash(row.Bytes(1));
                                           return absl::OkStatus();
                                         });
  if (!status.ok()) return status;
  return end;
}

absl::StatusOr<std::vector<v1::AuditHead>> ReadAuditHeads(Connection& connection) {
  std::vector<v1::AuditHead> heads;
  absl::Status status =
      connection.Query("SELECT number, hash, at, signature FROM audit_heads ORDER BY number", {},
                       [&](const Row& row) {
                         v1::AuditHead& head = heads.emplace_back();
                         head.set_number(static_cast<uint64_t>(row.Integer(0)));
                         head.set_hash(row.Bytes(1));
                         head.mutable_at()->set_seconds(absl::ToUnixSeconds(row.Time(2)));
                         head.set_signature(row.Bytes(3));
                         return absl::OkStatus();
                       });
  if (!status.ok()) return status;
  return heads;
}

absl::Status AppendAuditHead(Connection& connection, const v1::AuditHead& head) {
  return connection.Execute(
      "INSERT OR IGNORE INTO audit_heads (number, hash, at, signature) VALUES (?, ?, ?, ?)",
      {static_cast<int64_t>(head.number()), Blob{head.hash()},
       Stored(absl::FromUnixSeconds(head.at().seconds())), Blob{head.signature()}});
}

}  // namespace firebreak::controller
