#include "policy/resources/edits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

Configuration Done(const Plan& plan) {
  EXPECT_THAT(plan.problems, IsEmpty()) << (plan.ok() ? "" : plan.problems[0].reason);
  EXPECT_THAT(plan.changes, SizeIs(1));
  return plan.next;
}

std::string Text(const Configuration& configuration, const std::string& key) {
  const v1::Resource* resource = configuration.Find(key);
  return resource == nullptr ? "" : ToYaml(*resource);
}

v1::PortMapping Service(const std::string& name) {
  v1::PortMapping mapping;
  mapping.set_service(name);
  return mapping;
}

constexpr char kSwitchHead[] =
    "kind: Policy\nname: switch-host-web-1\n"
    "description: \"Kept by firebreak's verbs for changes by hand\"\n"
    "groups: [\"host:web-1\"]\npriority: 999999\n";

TEST(PlanSwitch, KeepsAnOrdinaryPolicy) {
  const Configuration off = Done(PlanSwitch({}, kWeb, "", v1::Firewall::off, kHosts));
  EXPECT_EQ(Text(off, "Policy/switch-host-web-1"),
            std::string(kSwitchHead) + "firewall: \"off\"\n");
  EXPECT_FALSE(PlanSwitch(off, kWeb, "", v1::Firewall::off, kHosts).changed());
  const Plan on = PlanSwitch(off, kWeb, "", v1::Firewall::on, kHosts);
  EXPECT_THAT(on.changes, ElementsAre(Change{Kind::kUpdated, "Policy/switch-host-web-1"}));
}

TEST(PlanSwitch, TheLastWordOnAnInterfaceHolds) {
  Configuration now = Done(PlanSwitch({}, kWeb, "eth0", v1::Firewall::off, kHosts));
  now = Done(PlanSwitch(now, kWeb, "eth*", v1::Firewall::observe, kHosts));
  EXPECT_EQ(Text(now, "Policy/switch-host-web-1"),
            std::string(kSwitchHead) +
                "interfaces:\n  - match:\n      names: [\"eth*\"]\n    firewall: observe\n"
                "  - match:\n      names: [eth0]\n    firewall: \"off\"\n");
  now = Done(PlanSwitch(now, kWeb, "eth0", v1::Firewall::on, kHosts));
  const v1::Policy& policy = *now.FindPolicy("switch-host-web-1");
  ASSERT_EQ(policy.interfaces_size(), 2);
  EXPECT_EQ(policy.interfaces(0).match().names(0), "eth0");
  EXPECT_EQ(policy.interfaces(0).firewall(), v1::Firewall::on);
  now = Done(PlanSwitch(now, kWeb, "", v1::Firewall::on, kHosts));
  EXPECT_EQ(Text(now, "Policy/switch-host-web-1"), std::string(kSwitchHead) + "firewall: \"on\"\n")
      << "for all means for all";
}

TEST(PlanSwitch, WhatIsSaidOfOneLocationWinsThereOnly) {
  v1::Resource corp;
  corp.mutable_location()->set_name("corp");
  Configuration now;
  now.Put(corp);
  EditTarget at_corp = {"", "all"};
  at_corp.location = "corp";
  now = Done(PlanSwitch(now, {"", "all"}, "", v1::Firewall::on, kHosts));
  now = Done(PlanSwitch(now, at_corp, "", v1::Firewall::off, kHosts));
  const v1::Policy* off = now.FindPolicy("switch-group-all.at.corp");
  ASSERT_NE(off, nullptr);
  ASSERT_EQ(off->locations_size(), 1);
  EXPECT_EQ(off->locations(0), "corp");
  EXPECT_EQ(off->firewall(), v1::Firewall::off);
  EXPECT_GT(off->priority(), now.FindPolicy("switch-group-all")->priority());

  // Of a host, even of all locations, it still wins over a group's at one.
  now = Done(PlanSwitch(now, {.host = "web-1"}, "", v1::Firewall::on, kHosts));
  EXPECT_GT(now.FindPolicy("switch-host-web-1")->priority(), off->priority());

  at_corp.location = "nowhere";
  EXPECT_FALSE(PlanSwitch(now, at_corp, "", v1::Firewall::off, kHosts).ok());
}

TEST(PlanSwitch, RefusesWhomThereIsNot) {
  const auto refused = [](const EditTarget& target, const char* interface_name = "") {
    const Plan plan = PlanSwitch({}, target, interface_name, v1::Firewall::on, kHosts);
    EXPECT_EQ(plan.next, Configuration());
    return plan.ok() ? "" : plan.problems[0].reason;
  };
  EXPECT_THAT(refused({"web-2", ""}), HasSubstr("unknown host \"web-2\""));
  EXPECT_THAT(refused({"", "laptops"}), HasSubstr("unknown group"));
  EXPECT_THAT(refused({"", ""}), HasSubstr("either a host or a group"));
  EXPECT_THAT(refused({"web-1", "all"}), HasSubstr("either a host or a group"));
  EXPECT_THAT(refused({"../x", ""}), HasSubstr("not a name"));
  EXPECT_THAT(refused(kWeb, "not an interface"), HasSubstr("not the name of an interface"));
  EXPECT_FALSE(PlanSwitch({}, kWeb, "", v1::Firewall::unspecified, kHosts).ok());
  EXPECT_TRUE(PlanSwitch({}, {"", "all"}, "", v1::Firewall::on, kHosts).ok());
  EXPECT_THAT(Done(PlanSwitch({}, {"", "host:web-1"}, "", v1::Firewall::on, kHosts))
                  .FindPolicy("switch-host-web-1"),
              testing::NotNull());
}

TEST(PlanSwitch, WhatIsSaidOfOneHostWinsOverItsGroup) {
  Configuration now = Done(PlanSwitch({}, {.group = "all"}, "", v1::Firewall::off, kHosts));
  now = Done(PlanSwitch(now, {.host = "web-1"}, "", v1::Firewall::on, kHosts));
  EXPECT_GT(now.FindPolicy("switch-host-web-1")->priority(),
            now.FindPolicy("switch-group-all")->priority());
}

TEST(PlanMapping, AddsAndRemoves) {
  Configuration now = Done(PlanAddMapping({}, kWeb, "", Service("http"), kHosts));
  now = Done(PlanAddMapping(now, kWeb, "", Service("https"), kHosts));
  const v1::Policy& policy = *now.FindPolicy("mappings-host-web-1");
  EXPECT_EQ(policy.priority(), 899'999);
  ASSERT_EQ(policy.port_mappings().items_size(), 2);
  EXPECT_EQ(policy.port_mappings().items(0).name(), "http") << "the name is written down";
  EXPECT_FALSE(PlanAddMapping(now, kWeb, "", Service("http"), kHosts).changed());

  v1::PortMapping other = Service("http");
  other.add_from("10.0.0.0/8");
  const Plan clash = PlanAddMapping(now, kWeb, "", other, kHosts);
  ASSERT_THAT(clash.problems, SizeIs(1));
  EXPECT_THAT(clash.problems[0].reason, HasSubstr("there is another mapping \"http\""));

  const Plan wrong = PlanRemoveMapping(now, kWeb, "", "htpp", kHosts);
  ASSERT_THAT(wrong.problems, SizeIs(1));
  EXPECT_THAT(wrong.problems[0].reason, HasSubstr("did you mean \"http\"?"));

  now = Done(PlanRemoveMapping(now, kWeb, "", "http", kHosts));
  EXPECT_EQ(now.FindPolicy("mappings-host-web-1")->port_mappings().items(0).name(), "https");
  const Plan last = PlanRemoveMapping(now, kWeb, "", "https", kHosts);
  EXPECT_THAT(last.changes, ElementsAre(Change{Kind::kDeleted, "Policy/mappings-host-web-1"}));
  EXPECT_TRUE(last.next.resources().empty());
  EXPECT_FALSE(PlanRemoveMapping(last.next, kWeb, "", "https", kHosts).ok());
}

TEST(PlanMapping, OfOneInterfaceLeavesThoseForAll) {
  Configuration now = Done(PlanAddMapping({}, kWeb, "", Service("http"), kHosts));
  now = Done(PlanAddMapping(now, kWeb, "eth0", Service("ssh"), kHosts));
  EXPECT_EQ(now.FindPolicy("mappings-host-web-1")->interfaces_size(), 0);
  const v1::Policy* own = now.FindPolicy("mappings-host-web-1.eth0");
  ASSERT_NE(own, nullptr);
  EXPECT_FALSE(own->has_port_mappings());
  EXPECT_EQ(own->interfaces(0).match().names(0), "eth0");
  EXPECT_EQ(own->interfaces(0).port_mappings().items(0).service(), "ssh");
  now = Done(PlanAddMapping(now, kWeb, "Wg*", Service("dns"), kHosts));
  EXPECT_EQ(now.resources().size(), 3u) << "a name that fits no policy's gets another";
  now = Done(PlanRemoveMapping(now, kWeb, "Wg*", "dns", kHosts));
  now = Done(PlanRemoveMapping(now, kWeb, "eth0", "ssh", kHosts));
  EXPECT_EQ(now.resources().size(), 1u);
}

TEST(PlanMapping, IsCheckedAsAnyOther) {
  v1::PortMapping mapping;
  mapping.set_protocol("tcp");
  mapping.add_ports("70000");
  const Plan plan = PlanAddMapping({}, kWeb, "", mapping, kHosts);
  ASSERT_THAT(plan.problems, SizeIs(1));
  EXPECT_EQ(plan.problems[0].line, 0u);
  EXPECT_THAT(plan.problems[0].reason, HasSubstr("from 1 to 65535"));
  mapping = Service("ssh");
  mapping.set_name("Not A Name");
  EXPECT_FALSE(PlanAddMapping({}, kWeb, "", mapping, kHosts).ok());
}

TEST(PlanMapping, LongNamesStayApart) {
  const std::string a = std::string(62, 'h') + "a", b = std::string(62, 'h') + "b";
  const std::set<std::string> hosts = {a, b};
  Configuration now = Done(PlanAddMapping({}, {a, ""}, "", Service("ssh"), hosts));
  now = Done(PlanAddMapping(now, {b, ""}, "", Service("ssh"), hosts));
  EXPECT_EQ(now.resources().size(), 2u);
}

TEST(PlanMapping, APolicyThatIsNowForOthersIsNotTaken) {
  const Configuration now = Done(PlanAddMapping({}, kWeb, "", Service("ssh"), kHosts));
  Configuration changed = now;
  v1::Resource resource = *now.Find("Policy/mappings-host-web-1");
  resource.mutable_policy()->set_groups(0, "all");
  changed.Put(resource);
  EXPECT_FALSE(PlanAddMapping(changed, kWeb, "", Service("http"), kHosts).ok());
}

}  // namespace
}  // namespace firebreak::policy
