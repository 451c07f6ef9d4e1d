// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status/status.h"
#include "base/text/escape.h"
#include "cli/audit/anchor.h"
#include "cli/audit/verify.h"
#include "cli/input/since.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/keep_following.h"
#include "cli/verbs/print.h"
#include "cli/view/audit.h"
#include "firebreak/v1/report.pb.h"
#include "grpcpp/grpcpp.h"
#include "policy/resources/write.h"

namespace firebreak::cli {
namespace {

// Calls `each` for every message of the trail. An error returned by `each` ends the call and is
// returned.
absl::Status ReadTrail(Invocation& invocation, const v1::ReadAuditRequest& request,
                       absl::FunctionRef<absl::Status(const v1::AuditRows&)> each) {
  ASSIGN_OR_RETURN(Connection * connection, invocation.Connect());
  grpc::ClientContext call;
  const auto reader = connection->admin().ReadAudit(&call, request);
  v1::AuditRows rows;
  absl::Status failed;
  while (failed.ok() && reader->Read(&rows)) failed = each(rows);
  if (!failed.ok()) call.TryCancel();
  const grpc::Status status = reader->Finish();
  if (!failed.ok()) return failed;
  return status.ok() ? absl::OkStatus() : connection->Failure(status);
}

// Prints rows as they arrive, in the invocation's format.
class RowPrinter {
 public:
  // `endless`: the rows have no end that could close a JSON array, so each row is a document of its
  // own.
  RowPrinter(Invocation& invocation, bool endless) : invocation_(invocation), endless_(endless) {}

  void Print(const v1::AuditRows& part) {
    for (const v1::AuditRow& row : part.rows()) {
      Print(row);
      any_ = true;
    }
    if (table_.rows() > 0) invocation_.out() << table_.Take(invocation_.colours());
    invocation_.out().flush();
  }

  void End() {
    if (invocation_.format() == Format::kJson) invocation_.out() << (any_ ? "\n]\n" : "[]\n");
  }

 private:
  void Print(const v1::AuditRow& row) {
    if (invocation_.format() == Format::kTable) {
      table_.AddRow(AuditCells(row));
    } else if (invocation_.format() == Format::kYaml) {
      PrintDataList(invocation_, {&row});
    } else if (endless_) {
      PrintData(invocation_, row);
    } else {
      std::string text = policy::ToJson(row);
      text.pop_back();  // removes the line feed, because a comma may follow
      invocation_.out() << (any_ ? ",\n" : "[\n") << text;
    }
  }

  Invocation& invocation_;
  const bool endless_;
  Table table_{AuditColumns()};
  bool any_ = false;
};

absl::Status ShowTrail(Invocation& invocation, const v1::ReadAuditRequest& request) {
  RowPrinter printer(invocation, /*endless=*/false);
  absl::Status status = ReadTrail(invocation, request, [&](const v1::AuditRows& part) {
    printer.Print(part);
    return invocation.out() ? absl::OkStatus() : absl::CancelledError("nobody reads it");
  });
  if (!invocation.out()) return absl::OkStatus();  // main reports the failed output
  if (status.ok()) printer.End();
  return status;
}

absl::Status FollowTrail(Invocation& invocation, v1::ReadAuditRequest request) {
  RowPrinter printer(invocation, /*endless=*/true);
  return KeepFollowing<v1::AuditRows>(
      invocation,
      [&](Connection& connection, grpc::ClientContext& call) {
        return connection.admin().ReadAudit(&call, request);
      },
      [&](const v1::AuditRows& part) {
        printer.Print(part);
        if (part.rows().empty()) return;
        request.set_after(part.rows(part.rows_size() - 1).number());
        request.clear_last();
      });
}

absl::Status Verify(Invocation& invocation, const std::string& anchor_flag) {
  ASSIGN_OR_RETURN(const std::string ca, invocation.CaCertificate());
  const std::string path = anchor_flag.empty() ? AnchorPath(ca) : anchor_flag;
  ASSIGN_OR_RETURN(std::optional<Anchor> anchor, ReadAnchor(path));
  TrailVerifier verifier(ca, anchor);
  absl::Status status = ReadTrail(invocation, v1::ReadAuditRequest(),
                                  [&](const v1::AuditRows& part) { return verifier.Add(part); });
  if (status.ok()) status = verifier.Finish();
  if (!status.ok()) return status;
  const v1::AuditReport report = verifier.Report();
  if (absl::Status written = WriteAnchor(path, {.number = report.rows(), .hash = report.hash()});
      !written.ok()) {
    invocation.err() << "firebreak: the anchor cannot be written, so the next verification cannot "
                        "compare with this one: "
                     << Escape(written.message()) << "\n";
  }
  if (invocation.format() != Format::kTable) {
    PrintData(invocation, report);
    return absl::OkStatus();
  }
  invocation.out() << "whole    " << report.rows() << " rows, each follows the row before it\n"
                   << "ends     " << absl::BytesToHexString(report.hash())
                   << ", signed by the fleet's CA\n"
                   << "seals    " << report.seals() << " of the controller agree\n"
                   << "anchor   "
                   << (anchor.has_value()
                           ? absl::StrCat("row ", anchor->number,
                                          " has not changed since the last verification")
                           : std::string("none yet; the next verification compares with this one"))
                   << " (" << Escape(path) << ")\n";
  if (report.dropped() > 0) {
    invocation.out() << "dropped  the texts of " << report.dropped()
                     << " old refused attempts; their digests are kept\n";
  }
  return absl::OkStatus();
}

}  // namespace

void AddAuditVerbs(Verb root, Command& command) {
  const Verb audit = AddVerb(
      root, "audit",
      "Show who changed what, and who was refused.\n\n"
      "Prints every change and every refused attempt: the time, the person or host, the origin, "
      "the action and the result; the oldest first. Attempts from one origin that are refused for "
      "the same reason within ten minutes share one row and a second row with their number. If an "
      "origin is refused for more than twenty reasons, one row stands for the further reasons.",
      "firebreak audit -n 20\n"
      "firebreak audit -f --host web-1\n"
      "firebreak audit --since 24h --actor admin/admin -o json");
  audit.MayBeFollowed();
  const auto request = std::make_shared<v1::ReadAuditRequest>();
  const auto follow = std::make_shared<bool>(false);
  audit.AddFlag("-f,--follow", *follow,
                "continue with new rows until interrupted; with json, one object after another");
  audit
      .Add(
          "--since",
          [request](const std::string& text) {
            const absl::StatusOr<absl::Time> since = ParseSince(text, absl::Now());
            if (!since.ok()) RefuseUsage("--since", since.status().message());
            request->mutable_since()->set_seconds(absl::ToUnixSeconds(*since));
          },
          "from this time on: 24h or 7d (before now), 13:05, 2026-11-21 or 2026-11-21T13:05")
      .Type("TIME");
  audit
      .Add(
          "--host", [request](const std::string& host) { request->set_host(host); },
          "only what this host did or what was done to it")
      .Type("HOST");
  audit
      .Add(
          "--actor", [request](const std::string& actor) { request->set_actor(actor); },
          "only what this administrator or host did")
      .Type("NAME");
  audit
      .AddNumber(
          "-n,--last", [request](uint32_t last) { request->set_last(last); }, 0, UINT32_MAX,
          "only the last N rows")
      .Type("N");
  audit.WhenGiven([audit, &command, request, follow] {
    if (audit.IsFollowed()) return;
    request->set_follow(*follow);
    command.run = [request](Invocation& invocation) {
      return request->follow() ? FollowTrail(invocation, *request)
                               : ShowTrail(invocation, *request);
    };
  });

  const Verb verify =
      AddVerb(audit, "verify",
              "Prove that the audit trail was not changed.\n\n"
              "Reads the whole trail and computes its chain of hashes on this machine. The hash of "
              "each row covers the row and the previous hash; the fleet's CA signs the last hash. "
              "Rows that were changed, removed or inserted are named, and the exit status is then "
              "1. To prove that the end of the trail was not cut off, the trail is compared with "
              "earlier ends of the trail: the seals that the controller writes once an hour, and "
              "the anchor that this command stores on this machine. An attacker who controls both "
              "the CA's key and this machine can forge all of them. Keep a copy of the anchor or "
              "of the controller's log, which contains the seals, in another place.",
              "firebreak audit verify\n"
              "firebreak audit verify --anchor /mnt/elsewhere/firebreak.anchor");
  const auto anchor = std::make_shared<std::string>();
  verify
      .Add("--anchor", *anchor,
           "the file with the last end of the trail that was verified (default: below "
           "~/.local/state/firebreak)")
      .Type("FILE");
  verify.WhenGiven([audit, &command, anchor] {
    for (const std::string& option : audit.GivenOptions()) {
      RefuseUsage(option, "cannot be used with verify, which reads the whole trail");
    }
    command.run = [anchor](Invocation& invocation) { return Verify(invocation, *anchor); };
  });
}

}  // namespace firebreak::cli
