// SPDX-License-Identifier: Apache-2.0
#include "cli/view/revisions.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/text/escape.h"
#include "cli/output/table.h"
#include "cli/view/changes.h"

namespace firebreak::cli {
namespace {

std::string TimeText(const google::protobuf::Timestamp& at) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(at.seconds()),
                          absl::UTCTimeZone());
}

}  // namespace

std::string RevisionList(const v1::ListRevisionsResponse& response, bool colours) {
  Table table({"REVISION", "TIME (UTC)", "BY", "FROM", "RESOURCES", "CHANGES"});
  for (const v1::Revision& revision : response.revisions()) {
    table.AddRow({absl::StrCat(revision.number()), TimeText(revision.at()), revision.author(),
                  revision.address(), revision.kept() ? "kept" : "gone", revision.summary()});
  }
  return table.Text(colours);
}

std::string RevisionPage(const v1::Revision& revision, const v1::DiffResponse* changes,
                         bool colours) {
  std::string page = absl::StrCat(
      "revision  ", revision.number(), "\n", "time      ", TimeText(revision.at()), " UTC\n",
      "by        ", Escape(revision.author()), " from ", Escape(revision.address()), "\n");
  if (!revision.digest().empty()) {
    absl::StrAppend(&page, "sha256    ", absl::BytesToHexString(revision.digest()), "\n");
  }
  absl::StrAppend(&page, "changes   ", Escape(revision.summary()), "\n");
  if (changes != nullptr) absl::StrAppend(&page, "\n", DiffPage(*changes, colours));
  return page;
}

}  // namespace firebreak::cli
