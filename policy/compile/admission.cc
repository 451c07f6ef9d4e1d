// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/admission.h"

#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/compile/object_name.h"
#include "policy/resources/conntrack_helpers.h"

namespace firebreak::policy {
namespace {

using ruleset::ObjectReference;
using ruleset::Rule;

// 60 s are enough for a resolver's slowest answer. 120 s after an answer are what RFC 4787 (4.3)
// requires.
constexpr uint32_t kUdpSeconds = 60;
constexpr uint32_t kAnsweredUdpSeconds = 120;
constexpr uint8_t kWithTimeouts[] = {IPPROTO_UDP, IPPROTO_TCP, IPPROTO_ICMP, IPPROTO_ICMPV6,
                                     IPPROTO_GRE};

// Seconds without a packet until a flow is forgotten, before and after it was answered. Protocols
// whose flows have a single state use `answered`.
struct Silence {
  uint32_t unanswered;
  uint32_t answered;
};

// Returns none if the kernel's own timeouts hold.
std::optional<Silence> SilenceFor(const v1::Flows& flows, uint8_t protocol) {
  const auto seconds = [](bool given,
                          const google::protobuf::Duration& timeout) -> std::optional<Silence> {
    const auto value = static_cast<uint32_t>(timeout.seconds());
    return given ? std::optional<Silence>({value, value}) : std::nullopt;
  };
  switch (protocol) {
    case IPPROTO_UDP:
      return flows.has_udp_timeout() ? seconds(true, flows.udp_timeout())
                                     : Silence{kUdpSeconds, kAnsweredUdpSeconds};
    case IPPROTO_TCP: return seconds(flows.has_tcp_timeout(), flows.tcp_timeout());
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6: return seconds(flows.has_icmp_timeout(), flows.icmp_timeout());
    case IPPROTO_GRE: return seconds(flows.has_gre_timeout(), flows.gre_timeout());
    default: return std::nullopt;
  }
}

// Returns a timeout for each of the protocol's states, in the order of CTA_TIMEOUT_*, because the
// kernel's timeout object has all of them.
std::vector<uint32_t> StatesWith(uint8_t protocol, const Silence& silence) {
  switch (protocol) {
    // All but ESTABLISHED are the kernel's defaults (nf_conntrack_proto_tcp.c).
    case IPPROTO_TCP: return {120, 60, silence.answered, 120, 60, 30, 120, 10, 120, 300, 300};
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6: return {silence.answered};
    default: return {silence.unanswered, silence.answered};
  }
}

std::string SilenceName(const Silence& silence) {
  return silence.unanswered == silence.answered
             ? absl::StrCat(silence.answered)
             : absl::StrCat(silence.unanswered, "-", silence.answered);
}

std::optional<Rule> SetTimeout(const Profile& profile, uint8_t protocol, TableBuilder& table) {
  const std::optional<Silence> silence = SilenceFor(profile.flows, protocol);
  if (!silence.has_value()) return std::nullopt;
  const std::string name = absl::StrCat("timeout.", protocol, ".", SilenceName(*silence));
  table.AddObject(name, ruleset::ConntrackTimeouts{protocol, StatesWith(protocol, *silence)});
  return MakeRule({IsProtocol(protocol), {ObjectReference{NFT_OBJECT_CT_TIMEOUT, name}}});
}

Rule SetHelper(const v1::Helper& helper, TableBuilder& table) {
  const v1::PortRange& ports = helper.ports();
  const auto protocol = static_cast<uint8_t>(ports.protocol());
  const std::string module(ConntrackHelperModule(helper.name(), protocol));
  const std::string name = absl::StrCat("helper.", module, ".", protocol);
  table.AddObject(name, ruleset::ConntrackHelper{module, protocol});
  return MakeRule({IsPortBetween(protocol, static_cast<uint16_t>(ports.first()),
                                 static_cast<uint16_t>(ports.last())),
                   {ObjectReference{NFT_OBJECT_CT_HELPER, name}}});
}

}  // namespace

ruleset::Verdict Admit(const Profile& profile, uint8_t protocol, uint16_t first_port,
                       uint16_t last_port, TableBuilder& table) {
  std::vector<Rule> rules;
  ObjectName name = ObjectName("admit") / absl::StrCat(protocol);
  if (auto rule = SetTimeout(profile, protocol, table); rule.has_value()) {
    rules.push_back(*std::move(rule));
    name = name / SilenceName(*SilenceFor(profile.flows, protocol));
  }
  for (const v1::Helper* helper : profile.helpers) {
    const v1::PortRange& ports = helper->ports();
    if (ports.protocol() != protocol || ports.first() > last_port || ports.last() < first_port) {
      continue;
    }
    rules.push_back(SetHelper(*helper, table));
    name = name / absl::StrCat(helper->name(), "-", ports.first(), "-", ports.last());
  }
  if (rules.empty()) return Accept();
  // The name contains everything that distinguishes the chain's contents.
  rules.push_back(MakeRule({}, Accept()));
  table.AddChain(name.Text(), std::move(rules));
  return GoTo(name.Text());
}

std::vector<Rule> AdmitAny(const Profile& profile, TableBuilder& table) {
  std::vector<Rule> rules;
  for (const uint8_t protocol : kWithTimeouts) {
    if (auto rule = SetTimeout(profile, protocol, table); rule.has_value()) {
      rules.push_back(*std::move(rule));
    }
  }
  for (const v1::Helper* helper : profile.helpers) rules.push_back(SetHelper(*helper, table));
  rules.push_back(MakeRule({}, Accept()));
  return rules;
}

ruleset::Verdict AdmitAnyChain(const Profile& profile, TableBuilder& table) {
  std::vector<Rule> rules = AdmitAny(profile, table);
  if (rules.size() == 1) return Accept();
  // The name contains everything that distinguishes the chain's contents.
  ObjectName name = ObjectName("admit") / "any";
  for (const uint8_t protocol : kWithTimeouts) {
    const std::optional<Silence> silence = SilenceFor(profile.flows, protocol);
    if (silence.has_value()) name = name / absl::StrCat(protocol, "-", SilenceName(*silence));
  }
  for (const v1::Helper* helper : profile.helpers) {
    const v1::PortRange& ports = helper->ports();
    name = name / absl::StrCat(helper->name(), "-", ports.protocol(), "-", ports.first(), "-",
                               ports.last());
  }
  table.AddChain(name.Text(), std::move(rules));
  return GoTo(name.Text());
}

}  // namespace firebreak::policy
