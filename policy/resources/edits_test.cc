// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/edits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/resources/edit.h"
#include "policy/resources/write.h"

namespace firebreak::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = Change::Kind;

const std::set<std::string> kHosts = {"web-1"};
const EditTarget kWeb = {.host = "web-1", .group = ""};
const EditTarget kAll = {.host = "", .group = "all"};

EditContext In(const Configuration& current, uint64_t revision = 1) {
  return {current, kHosts, revision};
}

Configuration Done(const Plan& plan) {
  EXPECT_THAT(plan.problems, IsEmpty()) << (plan.ok() ? "" : plan.problems[0].reason);
  EXPECT_TRUE(plan.changed());
  return plan.next;
}

std::string WhyNot(const Plan& plan) { return plan.ok() ? "" : plan.problems[0].reason; }

std::string Text(const Configuration& configuration, const std::string& key) {
  const v1::Resource* resource = configuration.Find(key);
  return resource == nullptr ? "" : ToYaml(*resource);
}

std::vector<std::string> Names(const Configuration& configuration) {
  std::vector<std::string> names;
  for (const v1::Edit* edit : EditsOf(configuration)) names.push_back(edit->name());
  return names;
}

v1::PortMapping Service(const std::string& name) {
  v1::PortMapping mapping;
  mapping.set_service(name);
  return mapping;
}

TEST(EditNumber, HasOneSpelling) {
  EXPECT_EQ(EditNumber("edit-12"), 12u);
  EXPECT_EQ(EditNumber(EditName(UINT64_MAX)), UINT64_MAX);
  for (const char* name : {"edit-", "edit-0", "edit-012", "edit-+1", "edit- 1", "edit-1x", "Edit-1",
                           "edit", "12", "edit-18446744073709551616"}) {
    EXPECT_EQ(EditNumber(name), 0u) << name;
  }
}

TEST(Outranks, HostThenInterfaceThenLocationThenNewest) {
  const auto make = [](uint64_t number, const char* group, const char* interface,
                       const char* location) {
    v1::Edit edit;
    edit.set_name(EditName(number));
    edit.set_group(group);
    edit.set_interface(interface);
    edit.set_location(location);
    return edit;
  };
  // Each edit has precedence over all that follow it; the names do not sort like the numbers.
  const std::vector<v1::Edit> order = {make(1, "host:a", "eth0", "corp"),
                                       make(2, "host:a", "eth*", ""),
                                       make(3, "host:a", "", "corp"),
                                       make(4, "host:a", "", ""),
                                       make(5, "web", "eth0", "corp"),
                                       make(6, "web", "eth0", ""),
                                       make(7, "all", "", "corp"),
                                       make(10, "all", "", ""),
                                       make(9, "web", "", "")};
  for (size_t a = 0; a < order.size(); ++a) {
    for (size_t b = 0; b < order.size(); ++b) {
      EXPECT_EQ(Outranks(order[a], order[b]), a < b) << a << " " << b;
    }
  }
}

TEST(PlanSwitch, KeepsAnEditWithTheNumberOfItsRevision) {
  const Configuration off = Done(PlanSwitch(In({}, 7), kWeb, "", v1::Firewall::off));
  EXPECT_EQ(Text(off, "Edit/edit-7"),
            "kind: Edit\nname: edit-7\ngroup: \"host:web-1\"\nfirewall: \"off\"\n");
  EXPECT_FALSE(PlanSwitch(In(off, 8), kWeb, "", v1::Firewall::off).changed());
  const Plan on = PlanSwitch(In(off, 8), kWeb, "", v1::Firewall::on);
  EXPECT_THAT(on.changes, ElementsAre(Change{Kind::kCreated, "Edit/edit-8"},
                                      Change{Kind::kDeleted, "Edit/edit-7"}));
}

TEST(PlanSwitch, ANewEditIsTheNewestAlsoWhereRevisionsBeganAnew) {
  const Configuration restored = Done(PlanSwitch(In({}, 700), kWeb, "", v1::Firewall::off));
  EXPECT_THAT(Names(Done(PlanSwitch(In(restored, 3), kWeb, "", v1::Firewall::on))),
              ElementsAre("edit-701"));
}

TEST(PlanSwitch, TheSameAgainCountsIfAnotherHasComeBetween) {
  v1::Resource group;
  group.mutable_group()->set_name("web");
  (*group.mutable_group()->mutable_match())["role"] = "web";
  Configuration now;
  now.Put(group);
  now = Done(PlanSwitch(In(now, 1), kAll, "", v1::Firewall::off));
  now = Done(PlanSwitch(In(now, 2), {"", "web"}, "", v1::Firewall::on));
  now = Done(PlanSwitch(In(now, 3), kAll, "", v1::Firewall::off));
  EXPECT_THAT(Names(now), ElementsAre("edit-3", "edit-2"));
  EXPECT_FALSE(PlanSwitch(In(now, 4), kAll, "", v1::Firewall::off).changed());
}

TEST(PlanSwitch, RefusesWhomThereIsNot) {
  const auto refused = [](const EditTarget& target, const char* interface_name = "") {
    const Plan plan = PlanSwitch(In({}), target, interface_name, v1::Firewall::on);
    EXPECT_EQ(plan.next, Configuration());
    return WhyNot(plan);
  };
  EXPECT_THAT(refused({"web-2", ""}), HasSubstr("unknown host \"web-2\"; did you mean \"web-1\"?"));
  EXPECT_THAT(refused({"", "host:web-2"}), HasSubstr("unknown host"));
  EXPECT_THAT(refused({"", "laptops"}), HasSubstr("unknown group"));
  EXPECT_THAT(refused({"", ""}), HasSubstr("either a host or a group"));
  EXPECT_THAT(refused({"web-1", "all"}), HasSubstr("either a host or a group"));
  EXPECT_THAT(refused(kWeb, "not an interface"), HasSubstr("not the name of an interface"));
  EXPECT_THAT(refused({"web-1", "", "nowhere"}), HasSubstr("unknown location"));
  EXPECT_FALSE(PlanSwitch(In({}), kWeb, "", v1::Firewall::unspecified).ok());
  EXPECT_TRUE(PlanSwitch(In({}), {"", "host:web-1"}, "", v1::Firewall::on).ok());
}

TEST(PlanClearSwitches, EndsWhatItNamesAndNoMore) {
  Configuration now;
  now = Done(PlanSwitch(In(now, 1), kAll, "", v1::Firewall::off));
  now = Done(PlanSwitch(In(now, 2), kWeb, "eth0", v1::Firewall::off));
  now = Done(PlanSwitch(In(now, 3), kWeb, "", v1::Firewall::off));
  now = Done(PlanAddMapping(In(now, 4), kWeb, "", Service("http")));
  EXPECT_THAT(Names(Done(PlanClearSwitches(In(now, 5), kWeb, "eth0"))),
              ElementsAre("edit-4", "edit-3", "edit-1"));
  EXPECT_THAT(Names(Done(PlanClearSwitches(In(now, 5), kWeb, ""))),
              ElementsAre("edit-4", "edit-1"));
  EXPECT_THAT(Names(Done(PlanClearSwitches(In(now, 5), kAll, ""))),
              ElementsAre("edit-2", "edit-4", "edit-3"));
  const Plan nothing = PlanClearSwitches(In(now, 5), kWeb, "eth1");
  EXPECT_TRUE(nothing.ok());
  EXPECT_FALSE(nothing.changed());
}

TEST(PlanMapping, AddsAndRemoves) {
  Configuration now = Done(PlanAddMapping(In({}, 1), kWeb, "", Service("http")));
  now = Done(PlanAddMapping(In(now, 2), kWeb, "", Service("https")));
  EXPECT_THAT(Text(now, "Edit/edit-1"), HasSubstr("mapping:\n  name: http\n  service: http\n"))
      << "the name is written down";
  EXPECT_FALSE(PlanAddMapping(In(now, 3), kWeb, "", Service("http")).changed());

  v1::PortMapping other = Service("http");
  other.add_from("10.0.0.0/8");
  EXPECT_THAT(WhyNot(PlanAddMapping(In(now, 3), kWeb, "", other)),
              HasSubstr("there is another mapping \"http\""));
  EXPECT_THAT(WhyNot(PlanRemoveMapping(In(now, 3), kWeb, "", "htpp")),
              HasSubstr("did you mean \"http\"?"));

  const Plan first = PlanRemoveMapping(In(now, 3), kWeb, "", "http");
  EXPECT_THAT(first.changes, ElementsAre(Change{Kind::kDeleted, "Edit/edit-1"}));
  now = Done(PlanRemoveMapping(In(first.next, 4), kWeb, "", "https"));
  EXPECT_TRUE(now.resources().empty());
  EXPECT_FALSE(PlanRemoveMapping(In(now, 5), kWeb, "", "https").ok());
}

TEST(PlanMapping, TheSameAgainCountsIfAnotherSaysTheOpposite) {
  v1::PortMapping block = Service("ssh");
  block.set_name("no-ssh");
  block.set_action(v1::Traffic::block);
  Configuration now = Done(PlanAddMapping(In({}, 1), kWeb, "", Service("ssh")));
  now = Done(PlanAddMapping(In(now, 2), kWeb, "", block));
  now = Done(PlanAddMapping(In(now, 3), kWeb, "", Service("ssh")));
  EXPECT_THAT(Names(now), ElementsAre("edit-3", "edit-2"));
}

TEST(PlanMapping, TheSameNameIsFreeForAnotherInterfaceAndAnotherTarget) {
  Configuration now = Done(PlanAddMapping(In({}, 1), kWeb, "", Service("ssh")));
  now = Done(PlanAddMapping(In(now, 2), kWeb, "eth0", Service("ssh")));
  now = Done(PlanAddMapping(In(now, 3), kAll, "", Service("ssh")));
  now = Done(PlanAddMapping(In(now, 4), kWeb, "Wg*", Service("ssh")));
  EXPECT_THAT(now.resources(), SizeIs(4));
  now = Done(PlanRemoveMapping(In(now, 5), kWeb, "eth0", "ssh"));
  EXPECT_THAT(Names(now), ElementsAre("edit-4", "edit-1", "edit-3"));
}

TEST(PlanMapping, IsCheckedAsAnyOther) {
  v1::PortMapping mapping;
  mapping.set_protocol("tcp");
  mapping.add_ports("70000");
  EXPECT_THAT(WhyNot(PlanAddMapping(In({}), kWeb, "", mapping)), HasSubstr("from 1 to 65535"));
  mapping = Service("ssh");
  mapping.set_name("Not A Name");
  EXPECT_FALSE(PlanAddMapping(In({}), kWeb, "", mapping).ok());
}

TEST(Edits, WrittenInAFileAreCheckedAndComeBack) {
  const Configuration now = Done(PlanSwitch(In({}, 7), kWeb, "eth0", v1::Firewall::off));
  const SourceFile saved[] = {{"f.yaml", Text(now, "Edit/edit-7")}};
  EXPECT_EQ(PlanApply({}, saved, kHosts).next, now);
  const auto why = [](const std::string& rest) {
    const SourceFile files[] = {{"f.yaml", "kind: Edit\n" + rest}};
    return WhyNot(PlanApply({}, files, kHosts));
  };
  EXPECT_THAT(why("name: mine\ngroup: all\nfirewall: on\n"), HasSubstr("not the name of an edit"));
  EXPECT_THAT(why("name: edit-1\nfirewall: on\n"), HasSubstr("no \"group\""));
  EXPECT_THAT(why("name: edit-1\ngroup: all\n"), HasSubstr("either \"firewall\" or \"mapping\""));
  EXPECT_THAT(why("name: edit-1\ngroup: all\nmapping: {service: ssh}\n"),
              HasSubstr("has a \"name\""));
}

}  // namespace
}  // namespace firebreak::policy
