// SPDX-License-Identifier: Apache-2.0
#include "cli/view/revisions.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

v1::Revision Revision(uint64_t number, bool kept) {
  v1::Revision revision;
  revision.set_number(number);
  revision.mutable_at()->set_seconds(1'796'045'590);
  revision.set_author("admin/admin");
  revision.set_address("10.77.0.1:50480");
  revision.set_summary("created Policy/web");
  revision.set_digest("\x12\xab");
  revision.set_kept(kept);
  return revision;
}

TEST(RevisionsTest, ALineForEach) {
  v1::ListRevisionsResponse response;
  *response.add_revisions() = Revision(12, true);
  *response.add_revisions() = Revision(3, false);
  EXPECT_EQ(RevisionList(response, false),
            "REVISION  TIME (UTC)           BY           FROM             RESOURCES  CHANGES\n"
            "12        2026-11-30 13:33:10  admin/admin  10.77.0.1:50480  kept       created "
            "Policy/web\n"
            "3         2026-11-30 13:33:10  admin/admin  10.77.0.1:50480  gone       created "
            "Policy/web\n");
}

TEST(RevisionsTest, APageTellsWhatChangedIfThatIsKnown) {
  v1::DiffResponse changes;
  changes.add_changes()->set_kind(v1::Change::created);
  changes.mutable_changes(0)->set_resource("Policy/web");
  changes.mutable_changes(0)->set_diff("+kind: Policy\n");
  EXPECT_THAT(RevisionPage(Revision(12, true), &changes, false), HasSubstr("+kind: Policy"));
  EXPECT_THAT(RevisionPage(Revision(12, true), &changes, false), HasSubstr("sha256    12ab\n"));
  EXPECT_THAT(RevisionPage(Revision(12, false), nullptr, false), Not(HasSubstr("no change")));
}

}  // namespace
}  // namespace firebreak::cli
