// SPDX-License-Identifier: Apache-2.0
#include "controller/recovery/restore.h"

#include <unistd.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/files/files.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"
#include "controller/admin/revision_draft.h"
#include "controller/pki/authority.h"
#include "controller/pki/data_directory.h"
#include "controller/pki/fleet_files.h"
#include "controller/recovery/backup.h"
#include "controller/recovery/mend.h"
#include "controller/store/audit.h"
#include "controller/store/check.h"
#include "controller/store/database.h"
#include "controller/store/restores.h"
#include "controller/store/revisions.h"

namespace firebreak::controller {
namespace {

// The highest numbers of the fleet's state that any source knows.
struct Furthest {
  uint64_t revision = 0;
  uint64_t restores = 0;
  uint64_t audit_row = 0;
  std::string audit_hash;

  void Take(const HighWaterMark& mark) {
    revision = std::max(revision, mark.revision);
    restores = std::max(restores, mark.restores);
    if (mark.audit_row <= audit_row) return;
    audit_row = mark.audit_row;
    audit_hash = mark.audit_hash;
  }
  void Take(const Witness& witness) {
    revision = std::max(revision, witness.revision);
    restores = std::max(restores, witness.restores);
  }
};

absl::Status TakeDatabase(Connection& connection, Furthest& furthest) {
  ASSIGN_OR_RETURN(const auto mark, MarkOf(connection));
  furthest.Take(mark);
  ASSIGN_OR_RETURN(const auto witnesses, ListWitnesses(connection));
  for (const Witness& witness : witnesses) furthest.Take(witness);
  return absl::OkStatus();
}

// Makes a revision above all others, with the newest revision's resources, and records that in the
// audit trail.
absl::Status Conclude(Connection& connection, const Furthest& furthest, absl::string_view what,
                      const Actor& actor, absl::Time now, Restored& restored) {
  ASSIGN_OR_RETURN(const auto end, ReadAuditEnd(connection));
  if (end.number() < furthest.audit_row) {
    restored.notes.push_back(absl::StrCat("rows ", end.number() + 1, " to ", furthest.audit_row,
                                          " of the audit trail are lost, the last with the hash ",
                                          absl::BytesToHexString(furthest.audit_hash)));
  }
  const std::string detail =
      absl::StrCat(what, restored.notes.empty() ? "" : "; ", absl::StrJoin(restored.notes, "; "));
  RETURN_IF_ERROR(AppendRestore(connection, furthest.restores + 1, now, detail));
  RETURN_IF_ERROR(ForgetWitnesses(connection));
  RETURN_IF_ERROR(AppendAudit(connection, now,
                              {.actor = actor.name,
                               .peer = actor.peer,
                               .action = "restore",
                               .object = absl::StrCat("restore ", furthest.restores + 1),
                               .result = "done",
                               .detail = detail}));
  restored.revision = furthest.revision + 1;
  ASSIGN_OR_RETURN(const auto draft,
                   DraftRevision(connection, policy::Plan(), what, restored.revision, actor, now));
  return StoreDraft(connection, draft, "restore", std::numeric_limits<int64_t>::max());
}

// Copies the rows that the copy lacks, if both are the same trail.
absl::Status CarryTrailOver(Connection& old, Connection& copy) {
  ASSIGN_OR_RETURN(const auto end, ReadAuditEnd(copy));
  RETURN_IF_ERROR(CheckTrail(old));
  if (end.number() > 0) {
    ASSIGN_OR_RETURN(const auto rows, ReadAudit(old, end.number() - 1, 1));
    if (rows.empty() || rows.front().hash() != end.hash()) {
      return absl::DataLossError("it is another trail");
    }
  }
  constexpr int64_t kPage = 1000;
  for (uint64_t after = end.number();;) {
    ASSIGN_OR_RETURN(const auto rows, ReadAudit(old, after, kPage));
    if (rows.empty()) break;
    for (const v1::AuditRow& row : rows) RETURN_IF_ERROR(CopyAuditRow(copy, row));
    after = rows.back().number();
  }
  ASSIGN_OR_RETURN(const auto heads, ReadAuditHeads(old));
  for (const v1::AuditHead& head : heads) RETURN_IF_ERROR(AppendAuditHead(copy, head));
  return absl::OkStatus();
}

// Takes what the replaced database knows; takes nothing if it cannot be read.
void TakeOld(const std::string& path, Database& copy, Furthest& furthest, Restored& restored) {
  if (access(path.c_str(), F_OK) != 0) return;
  const auto old = Database::OpenDamaged(path);
  absl::Status status = old.status();
  if (status.ok()) {
    status = (*old)->Transact("read", [&](Connection& from) {
      return copy.Transact("carry over the audit trail", [&](Connection& to) -> absl::Status {
        RETURN_IF_ERROR(TakeDatabase(from, furthest));
        return CarryTrailOver(from, to);
      });
    });
  }
  if (!status.ok()) {
    restored.notes.push_back(
        absl::StrCat("the audit trail of the database that was replaced cannot be carried over (",
                     status.message(), ")"));
  }
}

absl::Status PutAuthority(const DataDirectory& directory, const BackupFiles& files) {
  ASSIGN_OR_RETURN(const auto backed_up, Authority::Load(files.authority, files.authority_key));
  ASSIGN_OR_RETURN(const auto certificate, directory.Read(kAuthorityFile));
  if (certificate.has_value()) {
    const CertificatePtr present = ReadCertificate(certificate->view());
    if (present != nullptr && Pem(*present) != backed_up.certificate_pem()) {
      return absl::FailedPreconditionError(
          absl::StrCat("the backup is of another fleet than ", directory.PathOf(kAuthorityFile),
                       "; restore it into another data directory"));
    }
  }
  RETURN_IF_ERROR(directory.Write(kAuthorityKeyFile, files.authority_key));
  return directory.Write(kAuthorityFile, files.authority);
}

absl::Status Move(const std::string& from, const std::string& to) {
  if (access(from.c_str(), F_OK) != 0) return DeleteFile(to);
  return RenameFile(from, to);
}

}  // namespace

absl::StatusOr<Restored> RestoreBackup(const std::string& data_dir, const std::string& file,
                                       const Actor& actor, absl::Time now) {
  ASSIGN_OR_RETURN(const auto directory, DataDirectory::Open(data_dir));
  const std::string path = directory.PathOf(kDatabaseFile);
  const std::string fresh = path + ".new";
  ASSIGN_OR_RETURN(BackupFiles files, UnpackBackup(file, fresh));
  const absl::Cleanup wipe = [&files] { Wipe(files.authority_key); };
  RETURN_IF_ERROR(PutAuthority(directory, files));

  Restored restored;
  Furthest furthest;
  {
    ASSIGN_OR_RETURN(const auto copy, Database::OpenDamaged(fresh));
    if (const auto mark = ReadMark(path); mark.ok() && mark->has_value()) furthest.Take(**mark);
    TakeOld(path, *copy, furthest, restored);
    RETURN_IF_ERROR(copy->Transact("restore the backup", [&](Connection& connection) {
      absl::Status status = TakeDatabase(connection, furthest);
      if (!status.ok()) return status;
      return Conclude(
          connection, furthest,
          absl::StrCat("restored from a backup of ",
                       absl::FormatTime(absl::RFC3339_sec, files.made_at, absl::UTCTimeZone())),
          actor, now, restored);
    }));
    RETURN_IF_ERROR(copy->Transact("check the restored database", CheckDatabase));
    RETURN_IF_ERROR(copy->Fold());
  }
  // The old journal belongs to the old file. If a crash happens between these steps, the next start
  // refuses the data directory because its database is missing, and the restore can be run again.
  for (const char* suffix : {"-wal", "-shm"}) {
    RETURN_IF_ERROR(Move(path + suffix, absl::StrCat(path, ".replaced", suffix)));
  }
  RETURN_IF_ERROR(Move(path, path + ".replaced"));
  RETURN_IF_ERROR(RenameFile(fresh, path));
  RETURN_IF_ERROR(RenameFile(fresh + ".mark", path + ".mark"));
  return restored;
}

absl::StatusOr<Restored> AcceptLoss(const std::string& data_dir, const Actor& actor,
                                    absl::Time now) {
  ASSIGN_OR_RETURN(const auto directory, DataDirectory::Open(data_dir));
  const std::string path = directory.PathOf(kDatabaseFile);
  Restored restored;
  Furthest furthest;
  if (access(path.c_str(), F_OK) != 0) restored.notes.push_back("there was no database");
  ASSIGN_OR_RETURN(const auto database, Database::OpenDamaged(path));
  if (const auto mark = ReadMark(path); !mark.ok()) {
    restored.notes.push_back(absl::StrCat(path, ".mark cannot be read"));
  } else if (mark->has_value()) {
    furthest.Take(**mark);
  }
  RETURN_IF_ERROR(
      database->Transact("accept the loss", [&](Connection& connection) -> absl::Status {
        RETURN_IF_ERROR(TakeDatabase(connection, furthest));
        RETURN_IF_ERROR(Mend(connection, restored.notes));
        return Conclude(connection, furthest, "what was lost was accepted", actor, now, restored);
      }));
  RETURN_IF_ERROR(database->Transact("check the mended database", CheckDatabase));
  return restored;
}

}  // namespace firebreak::controller
