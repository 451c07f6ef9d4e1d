// SPDX-License-Identifier: Apache-2.0
#include "cli/view/changes.h"

#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

template <typename Response>
void Add(Response& response, v1::Change::Kind kind, const std::string& resource,
         const std::string& diff = "") {
  v1::Change* change = response.add_changes();
  change->set_kind(kind);
  change->set_resource(resource);
  change->set_diff(diff);
}

TEST(ChangeSummary, RevisionThenALineAChange) {
  v1::ApplyResponse response;
  response.set_revision(12);
  response.set_changed(true);
  Add(response, v1::Change::created, "Policy/web");
  Add(response, v1::Change::unchanged, "Group/web");
  Add(response, v1::Change::updated, "Service/x");
  EXPECT_EQ(ChangeSummary(response, false),
            "revision 12\ncreated  Policy/web\nupdated  Service/x\n");
}

TEST(ChangeSummary, NoChange) {
  v1::ApplyResponse response;
  response.set_revision(12);
  Add(response, v1::Change::unchanged, "Group/web");
  EXPECT_EQ(ChangeSummary(response, false), "revision 12: no change\n");
}

TEST(DiffPage, UnifiedWithACount) {
  v1::DiffResponse response;
  response.set_hosts_concerned(3);
  Add(response, v1::Change::updated, "Policy/web", " kind: Policy\n-priority: 1\n+priority: 2\n");
  Add(response, v1::Change::unchanged, "Group/web", " kind: Group\n");
  Add(response, v1::Change::created, "Group/db", "+kind: Group\n");
  EXPECT_EQ(DiffPage(response, false),
            "--- Policy/web\tin force\n"
            "+++ Policy/web\tafter\n"
            "@@ -1,2 +1,2 @@\n"
            " kind: Policy\n"
            "-priority: 1\n"
            "+priority: 2\n"
            "--- /dev/null\n"
            "+++ Group/db\tafter\n"
            "@@ -0,0 +1 @@\n"
            "+kind: Group\n"
            "1 created, 1 updated; concerns 3 hosts\n");
}

TEST(DiffPage, NoChange) { EXPECT_EQ(DiffPage({}, false), "no change\n"); }

}  // namespace
}  // namespace firebreak::cli
