// SPDX-License-Identifier: Apache-2.0
#include "agent/enforce/enforcer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>

#include <chrono>
#include <fstream>
#include <random>
#include <thread>
#include <tuple>

#include "policy/compile/compile.h"
#include "policy/compile/kernel_settings.h"
#include "policy/ruleset/digest.h"
#include "policy/ruleset/print.h"

namespace firebreak::agent {
namespace {

using policy::Interface;

// Each test runs against the real kernel in a network namespace of its own.
class EnforcerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root";
    auto nftables = Nftables::Open();
    ASSERT_TRUE(nftables.ok()) << nftables.status();
    enforcer_.emplace(*std::move(nftables));
  }

  std::optional<Enforcer> enforcer_;
};

v1::Mapping* AddMapping(v1::Mappings& mappings, uint32_t protocol, uint32_t first, uint32_t last) {
  v1::Mapping* mapping = mappings.add_items();
  mapping->set_action(v1::Traffic::allow);
  v1::PortRange* range = mapping->add_ports();
  range->set_protocol(protocol);
  range->set_first(first);
  range->set_last(last);
  return mapping;
}

void AddRemote(v1::Mapping& mapping, std::string address, uint32_t length) {
  v1::Prefix* prefix = mapping.add_remote();
  prefix->set_address(std::move(address));
  prefix->set_length(length);
}

v1::EffectivePolicy Managed() {
  v1::EffectivePolicy policy;
  policy.set_managed(true);
  policy.add_locations()->set_name("elsewhere");
  policy.mutable_locations(0)->add_layers();
  return policy;
}

v1::Settings& BaseSettings(v1::EffectivePolicy& policy) {
  return *policy.mutable_locations(0)->mutable_layers(0)->mutable_settings();
}

v1::EffectivePolicy ManyPorts(uint32_t count) {
  v1::EffectivePolicy policy = Managed();
  for (uint32_t i = 0; i < count; ++i) {
    AddMapping(*BaseSettings(policy).mutable_inbound(), 6, 10'000 + i, 10'000 + i);
  }
  return policy;
}

TEST_F(EnforcerTest, ReadsBackExactlyWhatItSent) {
  v1::EffectivePolicy policy = Managed();
  v1::Settings& settings = BaseSettings(policy);
  AddMapping(*settings.mutable_inbound(), 6, 22, 22);
  AddMapping(*settings.mutable_inbound(), 17, 27'000, 27'050);
  AddMapping(*settings.mutable_inbound(), 47, 0, 65'535);
  v1::Mapping* limited = AddMapping(*settings.mutable_inbound(), 6, 443, 444);
  AddRemote(*limited, std::string("\x0a\0\0\0", 4), 8);
  AddRemote(*limited, std::string("\x20\x01\x0d\xb8", 4) + std::string(12, '\0'), 32);
  settings.mutable_icmp()->add_items("echo-request");
  settings.set_outbound_default(v1::Traffic::block);
  AddMapping(*settings.mutable_outbound(), 6, 7443, 7443);
  policy.add_locations()->set_name("corp");
  v1::InterfaceLayer* section = policy.mutable_locations(0)->mutable_layers(0)->add_interfaces();
  section->mutable_match()->add_types("wireless");
  section->mutable_settings()->set_firewall(v1::Firewall::observe);

  const Interface interfaces[] = {{"eth0", "ethernet"}, {"wlan0", "wireless"}, {"lo", "loopback"}};
  const ruleset::Ruleset wanted = policy::Compile(policy, interfaces).value();
  const auto outcome = enforcer_->Enforce(wanted);
  ASSERT_TRUE(outcome.ok()) << outcome.status() << "\n" << ruleset::Print(wanted, true);
  EXPECT_EQ(outcome->digest, ruleset::Digest(wanted));
  EXPECT_EQ(outcome->digest.size(), 32u);
  EXPECT_EQ(ruleset::Print(*enforcer_->Read(), true), ruleset::Print(wanted, true));
  // nft can load the text that Print makes, but for a flow's port in a key, for which it has no
  // words.
  std::ofstream(std::string(getenv("TEST_TMPDIR")) + "/printed") << ruleset::Print(wanted, true);
  EXPECT_EQ(system("grep -v 'original proto-dst' \"$TEST_TMPDIR/printed\" | nft --check -f -"), 0);
  // nft can also list the rules that the enforcer wrote, and load that list again.
  EXPECT_EQ(system("nft list ruleset | grep -v 'original proto-dst' > \"$TEST_TMPDIR/listed\" && "
                   "nft flush ruleset && nft -f \"$TEST_TMPDIR/listed\""),
            0);
}

// Returns a policy that uses everything a policy can say, in two locations and both families.
v1::EffectivePolicy PolicyWithEverything() {
  v1::EffectivePolicy policy = Managed();
  policy.add_locations()->set_name("corp");
  for (v1::EffectiveLocation& location : *policy.mutable_locations()) {
    if (location.layers().empty()) location.add_layers();
    for (const auto& [name, value] :
         {std::pair("disable_ip_source_routing", 2), std::pair("enable_addr_mask_reply", 0),
          std::pair("enable_multicast_forwarding", 0), std::pair("no_name_release_on_demand", 1)}) {
      v1::HardenedSetting& setting = *location.mutable_host()->mutable_hardening()->add_settings();
      setting.set_name(name);
      setting.set_value(value);
    }
    v1::Settings& settings = *location.mutable_layers(0)->mutable_settings();
    v1::Mappings& inbound = *settings.mutable_inbound();
    AddMapping(inbound, 6, 80, 80)->mutable_forward()->set_port(8080);
    v1::Mapping* desk = AddMapping(inbound, 6, 3389, 3389);
    desk->mutable_forward()->set_address(std::string("\xc0\xa8\0\x05", 4));
    desk->mutable_forward()->set_port(3390);
    AddMapping(inbound, 17, 27'000, 27'050)
        ->mutable_forward()
        ->set_address(std::string("\xc0\xa8\0\x06", 4));
    v1::Mapping* six = AddMapping(inbound, 6, 443, 443);
    AddRemote(*six, std::string("\x20\x01\x0d\xb8", 4) + std::string(12, '\0'), 32);
    six->mutable_forward()->set_address(std::string("\xfd\0", 2) + std::string(13, '\0') + "\x05");
    six->mutable_forward()->set_port(8443);
    AddMapping(inbound, 47, 0, 65'535)
        ->mutable_forward()
        ->set_address(std::string("\xc0\xa8\0\x07", 4));
    AddMapping(inbound, 6, 25, 25)->set_proxy_handshake(true);
    AddMapping(inbound, 17, 53, 53);
    AddMapping(inbound, 6, 21, 21);
    for (const auto& [name, protocol, port] : {std::tuple("ftp", 6, 21),
                                               {"h323", 17, 1719},
                                               {"h323", 6, 1720},
                                               {"irc", 6, 6667},
                                               {"pptp", 6, 1723},
                                               {"sip", 17, 5060},
                                               {"sip", 6, 5060},
                                               {"tftp", 17, 69}}) {
      v1::Helper* helper = settings.mutable_helpers()->add_items();
      helper->set_name(name);
      helper->mutable_ports()->set_protocol(static_cast<uint32_t>(protocol));
      helper->mutable_ports()->set_first(static_cast<uint32_t>(port));
      helper->mutable_ports()->set_last(static_cast<uint32_t>(port));
    }
    v1::Flows& flows = *settings.mutable_flows();
    flows.mutable_udp_timeout()->set_seconds(7);
    flows.mutable_tcp_timeout()->set_seconds(70);
    flows.mutable_icmp_timeout()->set_seconds(8);
    flows.mutable_gre_timeout()->set_seconds(9);
    v1::Mapping* trigger = AddMapping(*settings.mutable_outbound(), 6, 7000, 7000);
    trigger->set_policy("p");
    trigger->set_name("conference");
    AddRemote(*trigger, std::string("\x0a\0\0\0", 4), 8);
    v1::PortRange* response = trigger->add_responses();
    response->set_protocol(17);
    response->set_first(7001);
    response->set_last(7010);
    v1::Mapping* sent = AddMapping(*settings.mutable_outbound(), 6, 7100, 7100);
    sent->set_policy("p");
    sent->set_name("sent");
    sent->add_users("0");
    for (const char* unit : {"one.service", "two.service", "apps.slice"}) sent->add_units(unit);
    v1::Mapping* routed = AddMapping(*settings.mutable_forward(), 6, 22, 22);
    routed->set_policy("p");
    routed->set_name("routed");
    routed->mutable_limit()->set_flows(10);
    routed->mutable_limit()->set_seconds(60);
    routed->mutable_limit()->set_burst(20);
    routed->mutable_limit()->set_per_source(true);
    routed->mutable_connections()->set_max(20);
    routed->mutable_log()->set_records(1);
    routed->mutable_log()->set_seconds(3600);
    v1::Mapping* told = AddMapping(*settings.mutable_forward(), 6, 25, 25);
    told->set_policy("p");
    told->set_name("told");
    told->set_action(v1::Traffic::reject);
  }
  v1::HostSettings& host = *policy.mutable_locations(0)->mutable_host();
  host.mutable_logging()->set_dropped(true);
  host.mutable_logging()->set_rate(1000);
  host.mutable_sharing()->add_public_("left");
  host.mutable_sharing()->add_private_("right");
  host.mutable_sharing()->set_clamp_mss(true);
  return policy;
}

policy::CompileOptions OptionsWithEverything() {
  policy::CompileOptions options;
  options.senders.units = {{"one.service", {{2, 100}}},
                           {"two.service", {{2, uint64_t{1} << 40}, {3, 101}}},
                           {"apps.slice", {{1, 102}}}};
  return options;
}

TEST_F(EnforcerTest, TheKernelTakesEverythingThatAPolicyCanSay) {
  ASSERT_EQ(system("ip link add left type veth peer name right"), 0);
  const Interface interfaces[] = {{"left", "ethernet", if_nametoindex("left")},
                                  {"right", "ethernet", if_nametoindex("right")},
                                  {"lo", "loopback", 1}};
  const ruleset::Ruleset wanted =
      policy::Compile(PolicyWithEverything(), interfaces, OptionsWithEverything()).value();
  const auto outcome = enforcer_->Enforce(wanted);
  ASSERT_TRUE(outcome.ok()) << outcome.status() << "\n" << ruleset::Print(wanted, true);
  EXPECT_EQ(outcome->digest, ruleset::Digest(wanted));
  EXPECT_EQ(ruleset::Print(*enforcer_->Read(), true), ruleset::Print(wanted, true));
  // nft can list the rules, but not load all of them again: nft's language cannot express a flow's
  // port in a key.
  EXPECT_EQ(system("nft list ruleset > /dev/null"), 0);
  // A removed interface takes its own chain with it, and nothing else.
  ASSERT_EQ(system("ip link del left"), 0);
  const auto without = enforcer_->Enforce(
      policy::Compile(PolicyWithEverything(), {}, OptionsWithEverything()).value());
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_LE(without->changes, 26u) << "more than the chains of the interfaces was written";
}

// The rules are those of an older version of the agent, whose chains and sets had other names.
TEST_F(EnforcerTest, RulesUnderOtherNamesAreReplacedInOneTransaction) {
  ASSERT_TRUE(enforcer_->Enforce(policy::Compile(ManyPorts(3), {}).value()).ok());
  ASSERT_EQ(system("nft list ruleset | grep -v 'original proto-dst' | "
                   "sed -E 's,([a-z])/(elsewhere)(/([a-z]+))?,\\1.\\2.\\4,g' > "
                   "\"$TEST_TMPDIR/old\" && "
                   "nft flush ruleset && nft -f \"$TEST_TMPDIR/old\""),
            0);
  auto nftables = Nftables::Open();
  ASSERT_TRUE(nftables.ok());
  const uint32_t before = nftables->ReadGeneration().value();
  Enforcer restarted(*std::move(nftables));
  const ruleset::Ruleset wanted = policy::Compile(ManyPorts(3), {}).value();
  const auto outcome = restarted.Enforce(wanted);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->digest, ruleset::Digest(wanted));
  auto after = Nftables::Open();
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->ReadGeneration().value(), before + 1);
}

TEST_F(EnforcerTest, ConnectionTrackingIsNotStrictAtOnceAboutWhatIsOlderThanIt) {
  ASSERT_TRUE(enforcer_->Enforce(policy::Compile(ManyPorts(1), {}).value()).ok());
  EXPECT_EQ(*ReadSetting(policy::kTcpLoose), "1");
  // Elements are not added again after a restart of the agent either.
  auto nftables = Nftables::Open();
  ASSERT_TRUE(nftables.ok());
  Enforcer restarted(*std::move(nftables));
  ASSERT_TRUE(restarted.Enforce(policy::Compile(ManyPorts(1), {}).value()).ok());
  EXPECT_EQ(*ReadSetting(policy::kTcpLoose), "1");
}

TEST_F(EnforcerTest, ConnectionTrackingIsStrictWhenTheGraceIsOver) {
  auto nftables = Nftables::Open();
  ASSERT_TRUE(nftables.ok());
  Enforcer enforcer(*std::move(nftables), nullptr, KernelSettings(""),
                    /*grace=*/std::chrono::milliseconds(1));
  ASSERT_TRUE(enforcer.Enforce(policy::Compile(ManyPorts(1), {}).value()).ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  // Time has passed, but nothing has changed.
  ASSERT_TRUE(enforcer.Restore().ok());
  EXPECT_EQ(*ReadSetting(policy::kTcpLoose), "0");
  // A change by another program is undone.
  std::ofstream("/proc/sys/net/netfilter/nf_conntrack_tcp_loose") << "1";
  ASSERT_TRUE(enforcer.Restore().ok());
  EXPECT_EQ(*ReadSetting(policy::kTcpLoose), "0");
  ASSERT_TRUE(enforcer.Enforce({}).ok());
  EXPECT_EQ(*ReadSetting(policy::kTcpLoose), "1");
}

TEST_F(EnforcerTest, SendsNothingWhenNothingDiffers) {
  const ruleset::Ruleset wanted = policy::Compile(ManyPorts(100), {}).value();
  ASSERT_TRUE(enforcer_->Enforce(wanted).ok());
  const auto again = enforcer_->Enforce(wanted);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->changes, 0u);
}

TEST_F(EnforcerTest, OneMoreMappingIsOneMoreElement) {
  ASSERT_TRUE(enforcer_->Enforce(policy::Compile(ManyPorts(10'000), {}).value()).ok());
  const auto more = enforcer_->Enforce(policy::Compile(ManyPorts(10'001), {}).value());
  ASSERT_TRUE(more.ok()) << more.status();
  EXPECT_EQ(more->changes, 1u);
  const auto fewer = enforcer_->Enforce(policy::Compile(ManyPorts(9'999), {}).value());
  ASSERT_TRUE(fewer.ok()) << fewer.status();
  EXPECT_EQ(fewer->changes, 2u);
}

TEST_F(EnforcerTest, UndoesWhatOthersDidToTheTable) {
  const ruleset::Ruleset wanted = policy::Compile(ManyPorts(100), {}).value();
  ASSERT_TRUE(enforcer_->Enforce(wanted).ok());
  for (const char* sabotage :
       {"nft flush ruleset", "nft delete table inet firebreak",
        "nft flush chain inet firebreak input", "nft add rule inet firebreak input accept",
        "nft insert rule inet firebreak input meta mark 7 accept",
        "nft add element inet firebreak in/elsewhere/ports '{ tcp . 23 : accept }'",
        "nft delete element inet firebreak in/elsewhere/ports '{ tcp . 10000 }'",
        "nft add chain inet firebreak more '{ type filter hook input priority -5; }'",
        "nft add set inet firebreak stray '{ type ipv4_addr; }'",
        "nft add table inet firebreak '{ flags dormant; }'",
        "nft chain inet firebreak input '{ policy accept; }'",
        "nft insert rule inet firebreak input tcp dport '{ 1, 2 }' accept",
        "nft insert rule inet firebreak input tcp dport vmap '{ 1 : accept, 2 : drop }'",
        "nft insert rule inet firebreak input jump '{ accept; }'",
        "nft add quota inet firebreak stray '{ 10 mbytes; }'",
        "nft add set inet firebreak stray '{ type ipv4_addr; flags timeout; }' && "
        "nft add element inet firebreak stray '{ 192.0.2.1 timeout 1h }' && "
        "nft insert rule inet firebreak input ip saddr @stray accept"}) {
    ASSERT_EQ(system(sabotage), 0) << sabotage;
    const auto outcome = enforcer_->Enforce(wanted);
    ASSERT_TRUE(outcome.ok()) << sabotage << ": " << outcome.status();
    EXPECT_GT(outcome->changes, 0u) << sabotage;
    EXPECT_EQ(ruleset::Print(*enforcer_->Read(), true), ruleset::Print(wanted, true)) << sabotage;
  }
}

TEST_F(EnforcerTest, RestoresWhatItEnforcedLast) {
  EXPECT_TRUE(absl::IsFailedPrecondition(enforcer_->Restore().status()));
  ASSERT_TRUE(enforcer_->Enforce(policy::Compile(ManyPorts(100), {}).value()).ok());
  const ruleset::Ruleset wanted = policy::Compile(ManyPorts(99), {}).value();
  ASSERT_TRUE(enforcer_->Enforce(wanted).ok());
  EXPECT_EQ(enforcer_->Restore()->changes, 0u);
  for (const char* sabotage :
       {"nft flush ruleset", "nft insert rule inet firebreak input accept",
        "nft delete element inet firebreak in/elsewhere/ports '{ tcp . 10000 }'"}) {
    ASSERT_EQ(system(sabotage), 0) << sabotage;
    const auto restored = enforcer_->Restore();
    ASSERT_TRUE(restored.ok()) << restored.status();
    EXPECT_GT(restored->changes, 0u);
    EXPECT_EQ(restored->digest, ruleset::Digest(wanted)) << sabotage;
  }
  // After a change by another program, the kernel's rules are not those that were enforced.
  ASSERT_EQ(system("nft insert rule inet firebreak input accept"), 0);
  ASSERT_TRUE(enforcer_->Read().ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(enforcer_->Restore().status()));
}

TEST_F(EnforcerTest, TouchesNoOtherTable) {
  ASSERT_EQ(system("nft add table ip other && nft add chain ip other c"), 0);
  ASSERT_TRUE(enforcer_->Enforce(policy::Compile(ManyPorts(10), {}).value()).ok());
  ASSERT_TRUE(enforcer_->Enforce({}).ok());
  EXPECT_EQ(system("nft list chain ip other c > /dev/null"), 0);
  EXPECT_NE(system("nft list table inet firebreak > /dev/null 2>&1"), 0);
}

TEST_F(EnforcerTest, NamesTheObjectThatTheKernelRefused) {
  ruleset::Ruleset wanted = policy::Compile(ManyPorts(10), {}).value();
  ruleset::Element& element = wanted.inet->sets.at("in/elsewhere/ports").elements[3];
  element = ruleset::Element(element.key(), ruleset::Verdict{.code = -4, .chain = "nowhere"});
  const auto outcome = enforcer_->Enforce(wanted);
  ASSERT_FALSE(outcome.ok());
  EXPECT_THAT(std::string(outcome.status().message()),
              testing::HasSubstr("add element tcp . 10003"));
  EXPECT_THAT(std::string(outcome.status().message()), testing::HasSubstr("in/elsewhere/ports"));
  EXPECT_TRUE(enforcer_->Read()->empty()) << "a refused transaction left something behind";
}

v1::EffectivePolicy RandomPolicy(std::mt19937& random) {
  const auto below = [&](uint32_t n) { return random() % n; };
  v1::EffectivePolicy policy = Managed();
  if (below(3) == 0) {
    policy.add_locations()->set_name("corp");
    policy.mutable_locations(1)->add_layers();
  }
  for (v1::EffectiveLocation& location : *policy.mutable_locations()) {
    const auto fill = [&](v1::Settings& settings) {
      settings.set_firewall(static_cast<v1::Firewall::Mode>(below(4)));
      for (uint32_t i = below(30); i > 0; --i) {
        const uint32_t first = below(60), last = first + (below(2) == 0 ? 0 : below(9));
        const bool outbound = below(4) == 0;
        v1::Mapping* mapping =
            AddMapping(outbound ? *settings.mutable_outbound() : *settings.mutable_inbound(),
                       below(2) == 0 ? 6 : 17, first, last);
        if (below(5) == 0) mapping->set_action(v1::Traffic::block);
        if (below(3) == 0) {
          AddRemote(*mapping, std::string("\x0a\0", 2) + std::string(2, '\0'), 8 + below(9));
        }
        if (below(6) == 0) AddRemote(*mapping, "\x20\x01" + std::string(14, '\0'), 16);
      }
      if (below(2) == 0) settings.mutable_icmp()->add_items("echo-request");
      if (below(3) == 0) settings.set_outbound_default(v1::Traffic::block);
    };
    v1::Layer& layer = *location.mutable_layers(0);
    fill(*layer.mutable_settings());
    for (uint32_t i = below(3); i > 0; --i) {
      v1::InterfaceLayer* section = layer.add_interfaces();
      if (below(2) == 0) {
        section->mutable_match()->add_types("wireless");
      } else {
        section->mutable_match()->add_names("eth1");
      }
      fill(*section->mutable_settings());
    }
  }
  return policy;
}

TEST_F(EnforcerTest, GetsFromAnyPolicyToAnyOther) {
  std::mt19937 random(20261121);
  const std::vector<Interface> few = {{"eth0", "ethernet"}};
  const std::vector<Interface> more = {
      {"eth0", "ethernet"}, {"eth1", "ethernet"}, {"wlan0", "wireless"}};
  for (int round = 0; round < 200; ++round) {
    const ruleset::Ruleset wanted =
        policy::Compile(RandomPolicy(random), random() % 2 == 0 ? few : more).value();
    const auto outcome = enforcer_->Enforce(wanted);
    ASSERT_TRUE(outcome.ok()) << "round " << round << ": " << outcome.status() << "\n"
                              << ruleset::Print(wanted, true);
    ASSERT_EQ(ruleset::Print(*enforcer_->Read(), true), ruleset::Print(wanted, true))
        << "round " << round;
  }
}

// Returns an interface index as a key of a set.
ruleset::Bytes IndexKey(uint32_t index) {
  return ruleset::Bytes(reinterpret_cast<const char*>(&index), sizeof index);
}

TEST_F(EnforcerTest, ElementsOfStateComeAndGoAndAreNoDifference) {
  v1::EffectivePolicy policy = Managed();
  policy.add_locations()->set_name("corp");
  const ruleset::Ruleset wanted = policy::Compile(policy, {}).value();
  ASSERT_TRUE(enforcer_->Enforce(wanted).ok());
  const std::string set = policy::LocationSetName("corp");
  const auto elements = [&] {
    const auto read = enforcer_->Read();
    return read.ok() ? read->inet->sets.at(set).elements.size() : 99;
  };

  const auto minute = std::chrono::minutes(1);
  ASSERT_TRUE(enforcer_->PutElement(set, IndexKey(7), minute).ok());
  ASSERT_TRUE(enforcer_->PutElement(set, IndexKey(7), minute).ok()) << "again";
  ASSERT_TRUE(enforcer_->PutElement(set, IndexKey(8), minute).ok());
  EXPECT_EQ(elements(), 2u);
  const auto again = enforcer_->Enforce(wanted);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->changes, 0u);
  EXPECT_EQ(elements(), 2u);

  EXPECT_TRUE(enforcer_->DeleteElement(set, IndexKey(7)).ok());
  EXPECT_TRUE(enforcer_->DeleteElement(set, IndexKey(7)).ok()) << "gone already";
  EXPECT_EQ(elements(), 1u);
  EXPECT_TRUE(enforcer_->EmptyStateSets().ok());
  EXPECT_EQ(elements(), 0u);
  EXPECT_TRUE(absl::IsNotFound(enforcer_->PutElement("at/nowhere", IndexKey(7), minute)));
}

TEST_F(EnforcerTest, ElementsOfOthersDoNotStay) {
  v1::EffectivePolicy policy = Managed();
  policy.add_locations()->set_name("corp");
  ASSERT_TRUE(enforcer_->Enforce(policy::Compile(policy, {}).value()).ok());
  const std::string set = policy::LocationSetName("corp");
  const auto keys = [&] {
    const auto read = enforcer_->Read();
    std::vector<ruleset::Bytes> keys;
    for (const ruleset::Element& element : read->inet->sets.at(set).elements) {
      keys.emplace_back(element.key());
    }
    return keys;
  };
  ASSERT_TRUE(enforcer_->PutElement(set, IndexKey(7), std::chrono::minutes(1)).ok());
  EXPECT_EQ(*enforcer_->RestoreElements(), 0u);

  for (const char* sabotage :
       {"nft add element inet firebreak at/corp '{ 8 }'",
        "nft add element inet firebreak at/corp '{ 8 timeout 1m }'",
        "nft delete element inet firebreak at/corp '{ 7 }'", "nft flush set inet firebreak at/corp",
        // An element with a longer timeout, or none, would outlive its proof.
        "nft 'delete element inet firebreak at/corp { 7 }; add element inet firebreak at/corp { 7 "
        "timeout 2m }'",
        "nft 'delete element inet firebreak at/corp { 7 }; add element inet firebreak at/corp { 7 "
        "}'"}) {
    ASSERT_EQ(system(sabotage), 0) << sabotage;
    const auto restored = enforcer_->RestoreElements();
    ASSERT_TRUE(restored.ok()) << restored.status();
    EXPECT_EQ(*restored, 1u) << sabotage;
    EXPECT_EQ(keys(), std::vector<ruleset::Bytes>{IndexKey(7)}) << sabotage;
    EXPECT_EQ(*enforcer_->RestoreElements(), 0u) << sabotage;
  }

  ASSERT_TRUE(enforcer_->DeleteElement(set, IndexKey(7)).ok());
  EXPECT_EQ(*enforcer_->RestoreElements(), 0u);
  ASSERT_TRUE(enforcer_->PutElement(set, IndexKey(7), std::chrono::milliseconds(1)).ok());
  EXPECT_EQ(*enforcer_->RestoreElements(), 0u);
}

// The timeout of an element begins anew when the element is put again.
TEST_F(EnforcerTest, ElementsOfStateEndByThemselves) {
  v1::EffectivePolicy policy = Managed();
  policy.add_locations()->set_name("corp");
  ASSERT_TRUE(enforcer_->Enforce(policy::Compile(policy, {}).value()).ok());
  const std::string set = policy::LocationSetName("corp");
  ASSERT_TRUE(enforcer_->PutElement(set, IndexKey(7), std::chrono::hours(1)).ok());
  ASSERT_TRUE(enforcer_->PutElement(set, IndexKey(7), std::chrono::milliseconds(100)).ok());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  bool gone = false;
  while (!gone && std::chrono::steady_clock::now() < deadline) {
    enforcer_->Forget();
    const auto read = enforcer_->Read();
    ASSERT_TRUE(read.ok()) << read.status();
    gone = read->inet->sets.at(set).elements.empty();
  }
  EXPECT_TRUE(gone);
}

}  // namespace
}  // namespace firebreak::agent
