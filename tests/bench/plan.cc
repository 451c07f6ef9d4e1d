// SPDX-License-Identifier: Apache-2.0

// Measures how long it takes to determine exactly which packets two policies of 10,000 mappings
// decide differently, and checks the result: in the same run, BuDDy's binary decision diagrams
// represent both lists and their differences, which must be the same set of packets. Then measures
// a plan for a fleet in which one policy changes.

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "policy/difference/difference.h"
#include "policy/difference/fleet_plan.h"
#include "policy/merge/profile.h"
#include "tests/bench/plan_bdd.h"

namespace firebreak::bench {
namespace {

using Clock = std::chrono::steady_clock;
using policy::PacketClass;
using Random = std::mt19937_64;

constexpr int kMappings = 10'000, kPlaces = 100;

double MillisSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double PeakMib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

uint32_t Below(Random& random, uint32_t limit) { return static_cast<uint32_t>(random() % limit); }

// Returns a prefix in one of a few networks, so that many prefixes overlap.
v1::Prefix AnyPrefix(Random& random) {
  const bool six = Below(random, 2) == 0;
  const uint32_t bits = six ? 128 : 32;
  const uint32_t length = six ? 32 + Below(random, 97) : 8 + Below(random, 25);
  std::string address(bits / 8, '\0');
  for (char& byte : address) byte = static_cast<char>(random());
  address[0] = static_cast<char>(six ? 0x20 : 10 + Below(random, 4));
  if (six) address.replace(1, 3, std::string("\x01\x0d", 2) + static_cast<char>(Below(random, 8)));
  for (uint32_t bit = length; bit < bits; ++bit) {
    address[bit / 8] = static_cast<char>(address[bit / 8] & ~(0x80 >> bit % 8));
  }
  v1::Prefix prefix;
  prefix.set_address(address);
  prefix.set_length(length);
  return prefix;
}

// Uses ports from 1000 on, which no built-in rule concerns.
v1::Mapping AnyMapping(Random& random, int number) {
  v1::Mapping mapping;
  mapping.set_name(absl::StrCat("m", number));
  mapping.set_policy("p");
  mapping.set_action(Below(random, 4) == 0 ? v1::Traffic::block : v1::Traffic::allow);
  v1::PortRange& range = *mapping.add_ports();
  range.set_protocol(Below(random, 3) == 0 ? 17 : 6);
  const uint32_t first = 1000 + Below(random, 500);
  range.set_first(first);
  range.set_last(Below(random, 3) == 0 ? first + Below(random, 200) : first);
  for (uint32_t i = 1 + Below(random, 2); i > 0; --i) *mapping.add_remote() = AnyPrefix(random);
  return mapping;
}

std::vector<v1::Mapping> ChangedIn(Random& random, std::vector<v1::Mapping> mappings, int places) {
  for (int i = 0; i < places; ++i) {
    const auto at = static_cast<ptrdiff_t>(Below(random, static_cast<uint32_t>(mappings.size())));
    switch (Below(random, 4)) {
      case 0: mappings.erase(mappings.begin() + at); break;
      case 1: mappings.insert(mappings.begin() + at, AnyMapping(random, kMappings + i)); break;
      case 2: mappings[static_cast<size_t>(at)] = AnyMapping(random, kMappings + i); break;
      default:
        std::swap(mappings[static_cast<size_t>(at)],
                  mappings[Below(random, static_cast<uint32_t>(mappings.size()))]);
    }
  }
  return mappings;
}

v1::EffectiveLocation LocationWith(const std::vector<v1::Mapping>& mappings) {
  v1::EffectiveLocation location;
  location.set_name("elsewhere");
  v1::Settings& settings = *location.add_layers()->mutable_settings();
  for (const v1::Mapping& mapping : mappings) *settings.mutable_inbound()->add_items() = mapping;
  return location;
}

std::vector<policy::Box> Boxes(const policy::JudgementDifference& difference, size_t address_bytes,
                               policy::ChangeKind kind) {
  std::vector<policy::Box> boxes;
  for (const PacketClass& one : difference.classes) {
    if (one.plane.way == policy::Way::kInbound && one.plane.address_bytes == address_bytes &&
        KindOf(one) == kind) {
      boxes.push_back(one.box);
    }
  }
  return boxes;
}

struct Row {
  std::string what;
  std::vector<v1::Mapping> before, after;
  policy::JudgementDifference difference;
  double ms = 0, peak_mib = 0;
  size_t work = 0;
};

void Compare(Row& row) {
  const v1::EffectiveLocation before = LocationWith(row.before);
  const v1::EffectiveLocation after = LocationWith(row.after);
  const auto begin = Clock::now();
  size_t work = policy::kMaxComparisonWork;
  row.difference = policy::CompareJudgements({policy::BaseProfileOf(before), {}},
                                             {policy::BaseProfileOf(after), {}}, work);
  row.ms = MillisSince(begin);
  row.work = policy::kMaxComparisonWork - work;
  row.peak_mib = PeakMib();
}

// Prints the row, with BuDDy's times and result; returns whether BuDDy's result is the same.
bool CompareWithBdd(const Row& row) {
  double build = 0, differ = 0;
  bool same = row.difference.complete;
  for (const size_t address_bytes : {size_t{4}, size_t{16}}) {
    BddPlan plan(address_bytes);
    auto from = Clock::now();
    const size_t before = plan.Build(row.before), after = plan.Build(row.after);
    build += MillisSince(from);
    from = Clock::now();
    const size_t opened = plan.OnlyIn(before, after), closed = plan.OnlyIn(after, before);
    differ += MillisSince(from);
    const auto told = [&](policy::ChangeKind kind) {
      return plan.Union(Boxes(row.difference, address_bytes, kind));
    };
    same = same && plan.Same(opened, told(policy::ChangeKind::kOpened)) &&
           plan.Same(closed, told(policy::ChangeKind::kClosed));
  }
  printf("%-40s %7.0f %7.0f %7zu %10zu %12.0f %9.1f  %s\n", row.what.c_str(), row.ms, row.peak_mib,
         row.difference.classes.size(), row.work, build, differ,
         same ? "the same packets" : "NOT THE SAME");
  fflush(stdout);
  return same;
}

// Each host is in two groups, and there are thousands of different pairs of groups.
constexpr int kGroups = 1000, kHosts = 10'000;

policy::Configuration FleetConfiguration(const std::string& changed_port) {
  policy::Configuration configuration;
  for (int i = 0; i < kGroups; ++i) {
    v1::Resource resource;
    v1::Group& group = *resource.mutable_group();
    group.set_name(absl::StrCat("g", i));
    const int half = kGroups / 2;
    (*group.mutable_match())[i < half ? "rack" : "role"] = absl::StrCat(i % half);
    configuration.Put(resource);
    v1::Policy& policy = *resource.mutable_policy();
    policy.set_name(absl::StrCat("p", i));
    policy.add_groups(absl::StrCat("g", i));
    for (int port = 0; port < 5; ++port) {
      v1::PortMapping& mapping = *policy.mutable_port_mappings()->add_items();
      mapping.set_protocol("tcp");
      mapping.add_ports(absl::StrCat(1000 + i * 5 + port));
    }
    if (i == 1) policy.mutable_port_mappings()->mutable_items(0)->set_ports(0, changed_port);
    configuration.Put(resource);
  }
  return configuration;
}

std::vector<policy::PlannedHost> FleetHosts(int count) {
  std::vector<policy::PlannedHost> hosts;
  for (int i = 0; i < count; ++i) {
    const policy::Selector::Labels labels = {{"rack", absl::StrCat(i % (kGroups / 2))},
                                             {"role", absl::StrCat(i * 7 / 3 % (kGroups / 2))},
                                             {"serial", absl::StrCat(i)}};
    hosts.push_back({absl::StrCat("host-", i), labels, labels});
  }
  return hosts;
}

// Measures a plan, including the time to read both configurations into selectors.
void PlanFleet() {
  const policy::Configuration before = FleetConfiguration("80");
  policy::Configuration after = before;
  after.Put(*FleetConfiguration("81").Find("Policy/p1"));
  const std::vector<policy::PlannedHost> hosts = FleetHosts(kHosts);
  const auto begin = Clock::now();
  const v1::Plan plan = policy::PlanFleet(policy::Selector(before), policy::Selector(after), hosts);
  printf(
      "\n%d policies, %d groups, %d hosts, one policy changed: %.0f ms; %u hosts concerned, %u "
      "opened, %u closed\n",
      kGroups, kGroups, kHosts, MillisSince(begin), plan.hosts_concerned(), plan.opened(),
      plan.closed());
  const auto again = Clock::now();
  policy::Configuration all = after;
  v1::Resource everywhere;
  everywhere.mutable_policy()->set_name("everywhere");
  everywhere.mutable_policy()->add_groups("all");
  everywhere.mutable_policy()->mutable_icmp()->add_items("echo-request");
  all.Put(everywhere);
  const v1::Plan wide = policy::PlanFleet(policy::Selector(after), policy::Selector(all), hosts);
  printf("the same, a policy for all hosts added: %.0f ms; %u hosts concerned, %u opened\n",
         MillisSince(again), wide.hosts_concerned(), wide.opened());
  fflush(stdout);
}

int Run() {
  PlanFleet();
  Random random(1);
  std::vector<v1::Mapping> mappings;
  for (int i = 0; i < kMappings; ++i) mappings.push_back(AnyMapping(random, i));
  const std::vector<v1::Mapping> reversed(mappings.rbegin(), mappings.rend());
  const std::string count = absl::StrFormat("%d mappings, ", kMappings);
  std::vector<Row> rows = {
      {count + "the same", mappings, mappings},
      {count + "one place differs", mappings, ChangedIn(random, mappings, 1)},
      {absl::StrFormat("%s%d places differ", count, kPlaces), mappings,
       ChangedIn(random, mappings, kPlaces)},
      {count + "the other way round", mappings, reversed},
      {count + "all of them new", {}, mappings},
  };
  // All of Firebreak's measurements come first, because BuDDy's table would count as memory in
  // them.
  for (Row& row : rows) Compare(row);
  printf("%-40s %7s %7s %7s %10s %12s %9s\n", "", "ms", "MiB", "boxes", "looks", "BDD: build ms",
         "differ ms");
  bool same = true;
  for (const Row& row : rows) same = CompareWithBdd(row) && same;
  return same ? 0 : 1;
}

}  // namespace
}  // namespace firebreak::bench

int main() { return firebreak::bench::Run(); }
