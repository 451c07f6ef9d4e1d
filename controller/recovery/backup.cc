// SPDX-License-Identifier: Apache-2.0
#include "controller/recovery/backup.h"

#include <unistd.h>

#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/files/files.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"
#include "controller/pki/fleet_files.h"
#include "controller/store/check.h"
#include "controller/store/migrations.h"
#include "controller/store/schema.h"

namespace firebreak::controller {
namespace {

constexpr size_t kMaxKeyBytes = 1 << 16;

// With journal mode DELETE the file is complete, without a journal beside it.
constexpr char kAlone[] =
    "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF;"
    "PRAGMA secure_delete=ON;";

absl::Status CheckWhole(Connection& connection) {
  RETURN_IF_ERROR(CheckDatabase(connection));
  return CheckTrail(connection);
}

void RemoveCopy(const std::string& path) {
  for (const char* suffix : {"", "-journal", "-wal", "-shm"}) unlink((path + suffix).c_str());
}

// Opens the database only if it exists; SQLite would create it otherwise.
absl::StatusOr<Connection> OpenExisting(const std::string& path) {
  if (access(path.c_str(), R_OK) != 0) {
    return absl::NotFoundError(absl::StrCat("there is no ", path, " that can be read"));
  }
  return Connection::Open(path);
}

absl::Status Copy(const std::string& from, const std::string& to) {
  ASSIGN_OR_RETURN(Connection source, OpenExisting(from));
  RemoveCopy(to);
  ASSIGN_OR_RETURN(Connection copy, Connection::Open(to));
  return source.CopyTo(copy);
}

absl::Status Prefixed(absl::string_view operation, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(operation, ": ", status.message()));
}

absl::Status Pack(const std::string& data_dir, const std::string& path, absl::Time now) {
  ASSIGN_OR_RETURN(const std::string certificate,
                   ReadFile(absl::StrCat(data_dir, "/", kAuthorityFile), kMaxKeyBytes));
  ASSIGN_OR_RETURN(std::string key,
                   ReadFile(absl::StrCat(data_dir, "/", kAuthorityKeyFile), kMaxKeyBytes));
  const absl::Cleanup wipe = [&key] { Wipe(key); };
  RETURN_IF_ERROR(Copy(absl::StrCat(data_dir, "/", kDatabaseFile), path));
  ASSIGN_OR_RETURN(Connection connection, Connection::Open(path));
  RETURN_IF_ERROR(connection.ExecuteScript(kAlone));
  RETURN_IF_ERROR(BringUpToDate(connection, Migrations()));
  RETURN_IF_ERROR(CheckWhole(connection));
  RETURN_IF_ERROR(connection.ExecuteScript(
      "CREATE TABLE backup (certificate BLOB NOT NULL, key BLOB NOT NULL, made_at INTEGER NOT NULL)"
      " STRICT"));
  return connection.Execute("INSERT INTO backup (certificate, key, made_at) VALUES (?, ?, ?)",
                            {Blob{certificate}, Blob{key}, Stored(now)});
}

}  // namespace

absl::Status WriteBackup(const std::string& data_dir, const std::string& file, absl::Time now) {
  const std::string fresh = file + ".new";
  absl::Status status = Pack(data_dir, fresh, now);
  if (status.ok()) status = RenameFile(fresh, file);
  if (!status.ok()) RemoveCopy(fresh);
  return Prefixed(absl::StrCat("back up ", data_dir, " to ", file), status);
}

absl::StatusOr<BackupFiles> UnpackBackup(const std::string& file, const std::string& path) {
  const std::string operation = absl::StrCat("read the backup ", file);
  RETURN_IF_ERROR(Prefixed(operation, Copy(file, path)));
  ASSIGN_OR_RETURN(Connection connection, Connection::Open(path));
  RETURN_IF_ERROR(Prefixed(operation, connection.ExecuteScript(kAlone)));
  std::optional<BackupFiles> files;
  absl::Status status =
      connection.Query("SELECT certificate, key, made_at FROM backup", {}, [&](const Row& row) {
        files = BackupFiles{
            .authority = row.Bytes(0), .authority_key = row.Bytes(1), .made_at = row.Time(2)};
        return absl::OkStatus();
      });
  if (!status.ok() || !files.has_value()) {
    return absl::DataLossError(absl::StrCat(
        operation, ": it is not a backup; `firebreak-controller backup FILE` makes one"));
  }
  status = connection.ExecuteScript("DROP TABLE backup");
  if (status.ok()) status = BringUpToDate(connection, Migrations());
  if (status.ok()) status = CheckWhole(connection);
  RETURN_IF_ERROR(Prefixed(operation, status));
  return *std::move(files);
}

}  // namespace firebreak::controller
