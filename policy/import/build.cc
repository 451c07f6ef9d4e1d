// SPDX-License-Identifier: Apache-2.0
#include "policy/import/build.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "policy/import/decisions.h"
#include "policy/import/levels.h"
#include "policy/import/mapping.h"
#include "policy/import/nat.h"
#include "policy/import/sections.h"

namespace firebreak::importer {
namespace {

constexpr size_t kMostSections = 256, kMostForwardRules = 1000;

v1::Traffic::Action ActionOf(Verdict verdict) {
  if (verdict == Verdict::kAccept) return v1::Traffic::allow;
  return verdict == Verdict::kReject ? v1::Traffic::reject : v1::Traffic::block;
}

class Builder {
 public:
  Builder(const Ruleset& ruleset, const Naming& naming, Report& report)
      : ruleset_(ruleset),
        naming_(naming),
        report_(report),
        v4_(HasFamily(ruleset, false)),
        v6_(HasFamily(ruleset, true)) {}

  absl::StatusOr<std::vector<v1::Resource>> Build() {
    ASSIGN_OR_RETURN(in_, Decide(ruleset_, Way::kIn, v4_, v6_, false, report_));
    ASSIGN_OR_RETURN(out_, Decide(ruleset_, Way::kOut, v4_, v6_, false, report_));
    ASSIGN_OR_RETURN(through_, Decide(ruleset_, Way::kThrough, v4_, v6_, false, report_));
    ASSIGN_OR_RETURN(std::optional<v1::Sharing> sharing,
                     SharingOf(ruleset_, v4_, v6_, in_, through_, restricted_, report_));
    ASSIGN_OR_RETURN(std::vector<Flat> sent_on, SentOnRules(ruleset_, v4_, v6_, report_));
    in_.rules.insert(in_.rules.begin(), std::make_move_iterator(sent_on.begin()),
                     std::make_move_iterator(sent_on.end()));
    Tidy(in_);
    PolicyAt(0).set_description(naming_.description);
    PolicyAt(0).set_firewall(v1::Firewall::on);
    if (sharing.has_value()) *PolicyAt(0).mutable_sharing() = *std::move(sharing);
    WriteClamps();
    RETURN_IF_ERROR(WriteIcmp());
    WriteSections();
    WriteForward();
    WriteLogging();
    for (const std::string& helper : ruleset_.helpers) {
      PolicyAt(0).mutable_helpers()->add_items(helper);
    }
    RETURN_IF_ERROR(NoteStateless());
    return std::move(resources_);
  }

 private:
  v1::Policy& PolicyAt(size_t level) {
    while (resources_.size() <= level) {
      v1::Policy& policy = *resources_.emplace_back().mutable_policy();
      const size_t number = resources_.size();
      policy.set_name(number == 1 ? naming_.name : absl::StrCat(naming_.name, "-", number));
      policy.add_groups(naming_.group);
      policy.set_priority(-static_cast<int>(number - 1));
      if (number > 1) {
        policy.set_description(
            absl::StrCat("what comes behind ", resources_.front().policy().name()));
      }
    }
    return *resources_[level].mutable_policy();
  }

  void WriteClamps() {
    for (const Table& table : ruleset_.tables) {
      for (const auto& [name, chain] : table.chains) {
        for (const Rule& rule : chain.rules) {
          if (!rule.clamps) continue;
          if (PolicyAt(0).has_sharing()) {
            PolicyAt(0).mutable_sharing()->set_clamp_mss(true);
          } else {
            report_.CannotSay(rule.statement, "only `sharing` has `clamp_mss`");
          }
        }
      }
    }
  }

  Scope ScopeOf(Way way) const { return {.way = way, .v4 = v4_, .v6 = v6_}; }

  // A configuration of one family only says nothing about the other family, whose new flows are
  // then blocked.
  std::optional<v1::PortMapping> BlockOther() const {
    if (v4_ && v6_) return std::nullopt;
    v1::PortMapping mapping;
    mapping.set_name(v4_ ? "ipv6" : "ipv4");
    mapping.set_protocol("any");
    mapping.add_from(v4_ ? "::/0" : "0.0.0.0/0");
    mapping.set_description(
        absl::StrCat("what was imported has no rules for ", v4_ ? "IPv6" : "IPv4"));
    return mapping;
  }

  void WriteInbound(const Decisions& decisions, v1::PortMappings& mappings) {
    if (auto block = BlockOther()) {
      block->set_action(v1::Traffic::block);
      if (!decisions.rules.empty() || decisions.rest == Verdict::kAccept) {
        *mappings.add_items() = *std::move(block);
      }
    }
    for (const Flat& rule : decisions.rules) {
      for (v1::PortMapping& mapping : MappingsOf(rule, ScopeOf(Way::kIn), report_)) {
        *mappings.add_items() = std::move(mapping);
      }
    }
    if (decisions.rest != Verdict::kAccept) return;
    v1::PortMapping& rest = *mappings.add_items();
    rest.set_name("rest");
    rest.set_protocol("any");
    if (decisions.logs_rest) rest.set_log(true);
  }

  template <typename OutboundAt>
  void WriteOutbound(const Decisions& decisions, OutboundAt at) {
    at(0)->set_default_(ActionOf(decisions.rest));
    const std::vector<size_t> levels = LevelsOf(decisions.rules);
    if (auto block = BlockOther();
        block.has_value() && (decisions.rest == Verdict::kAccept || !decisions.rules.empty())) {
      block->mutable_to()->Swap(block->mutable_from());
      *at(0)->add_block() = *std::move(block);
    }
    for (size_t i = 0; i < decisions.rules.size(); ++i) {
      const Flat& rule = decisions.rules[i];
      for (v1::PortMapping& mapping : MappingsOf(rule, ScopeOf(Way::kOut), report_)) {
        v1::Outbound& outbound = *at(levels[i]);
        *(rule.verdict == Verdict::kAccept ? outbound.add_allow() : outbound.add_block()) =
            std::move(mapping);
      }
    }
  }

  bool IsPrivate(const std::string& name) {
    const auto& names = PolicyAt(0).sharing().private_();
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  void WriteSections() {
    std::vector<std::string> names;
    for (const Flat& rule : in_.rules) CollectNames(rule.match.in, names);
    for (const Flat& rule : out_.rules) CollectNames(rule.match.out, names);
    names = InOrderOfSections(std::move(names));
    if (names.size() > kMostSections) {
      report_.Note(absl::StrCat("only ", kMostSections, " of ", names.size(),
                                " names of interfaces have a section; the others have the rules "
                                "of those without a name"));
      names.resize(kMostSections);
    }
    const Match all_in = PacketsOf(Way::kIn, v4_, v6_, false);
    const Match all_out = PacketsOf(Way::kOut, v4_, v6_, false);
    const Decisions base_in = SectionOf(in_, "", true, all_in);
    const Decisions base_out = SectionOf(out_, "", false, all_out);
    WriteInbound(base_in, *PolicyAt(0).mutable_port_mappings());
    if (base_in.rest == Verdict::kReject) PolicyAt(0).set_unsolicited(v1::Unsolicited::reject);
    WriteOutbound(base_out, [&](size_t level) { return PolicyAt(level).mutable_outbound(); });
    std::erase_if(names, [&](const std::string& name) { return IsPrivate(name); });
    const auto section_at = [&](const std::string& name, size_t level) {
      v1::Policy& policy = PolicyAt(level);
      for (v1::InterfaceSettings& section : *policy.mutable_interfaces()) {
        if (section.match().names(0) == name) return &section;
      }
      v1::InterfaceSettings* section = policy.add_interfaces();
      section->mutable_match()->add_names(name);
      return section;
    };
    for (const std::string& name : names) {
      const Decisions in = SectionOf(in_, name, true, all_in);
      v1::InterfaceSettings& first = *section_at(name, 0);
      WriteInbound(in, *first.mutable_port_mappings());
      if (in.rest != base_in.rest) {
        first.set_unsolicited(in.rest == Verdict::kReject ? v1::Unsolicited::reject
                                                          : v1::Unsolicited::drop);
      }
      const Decisions out = SectionOf(out_, name, false, all_out);
      WriteOutbound(out, [&](size_t level) { return section_at(name, level)->mutable_outbound(); });
    }
    // Sections need a default of their own at each lower level. Otherwise the lower policy's
    // default, which is meant for the other interfaces, would hold for the section.
    for (size_t level = 1; level < resources_.size(); ++level) {
      for (const std::string& name : names) {
        section_at(name, level)
            ->mutable_outbound()
            ->set_default_(PolicyAt(0).outbound().default_());
      }
    }
    LeaveOutPlain(PolicyAt(0));
  }

  // Removes from sections whatever equals the policy itself.
  static void LeaveOutPlain(v1::Policy& policy) {
    const bool patterns = std::any_of(
        policy.interfaces().begin(), policy.interfaces().end(),
        [](const auto& section) { return absl::EndsWith(section.match().names(0), "*"); });
    const std::string in = policy.port_mappings().SerializeAsString();
    const std::string out = policy.outbound().SerializeAsString();
    for (v1::InterfaceSettings& section : *policy.mutable_interfaces()) {
      if (patterns) break;
      if (section.port_mappings().SerializeAsString() == in &&
          section.unsolicited() == v1::Unsolicited::unspecified) {
        section.clear_port_mappings();
      }
      if (section.outbound().SerializeAsString() == out) section.clear_outbound();
    }
    auto* sections = policy.mutable_interfaces();
    for (int i = sections->size() - 1; i >= 0; --i) {
      if (!sections->Get(i).has_port_mappings() && !sections->Get(i).has_outbound()) {
        sections->DeleteSubrange(i, 1);
      }
    }
  }

  // What no rule lets out from a private interface is not to be let out by `sharing`.
  void KeepFromSharing(size_t level) {
    v1::PortMapping& rest = *PolicyAt(level).mutable_forward()->add_block();
    rest.set_name("not-shared");
    for (const std::string& name : restricted_) rest.mutable_in()->add_names(name);
    *rest.mutable_out()->mutable_names() = PolicyAt(0).sharing().public_();
    if (through_.rest == Verdict::kReject) rest.set_action(v1::Traffic::reject);
  }

  void WriteForward() {
    const Match packets = PacketsOf(Way::kThrough, v4_, v6_, false);
    const std::vector<Flat> rules = WithoutExclusions(through_.rules, through_.rest, packets);
    if (rules.size() > kMostForwardRules) {
      report_.Note(absl::StrCat("the rules for what is forwarded come to ", rules.size(),
                                ", and `forward` takes ", kMostForwardRules));
    }
    const std::vector<size_t> levels = LevelsOf(rules);
    const bool accepts = through_.rest == Verdict::kAccept;
    PolicyAt(0).mutable_forward()->set_default_(accepts ? v1::Traffic::allow : v1::Traffic::block);
    if (auto block = BlockOther(); block.has_value() && (accepts || !rules.empty())) {
      *PolicyAt(0).mutable_forward()->add_block() = *std::move(block);
    }
    size_t last = 0;
    for (size_t i = 0; i < rules.size(); ++i) {
      for (v1::PortMapping& mapping : MappingsOf(rules[i], ScopeOf(Way::kThrough), report_)) {
        // A rule without a protocol already means any protocol.
        if (mapping.protocol() == "any") mapping.clear_protocol();
        v1::Forwarding& forward = *PolicyAt(levels[i]).mutable_forward();
        last = std::max(last, levels[i]);
        *(rules[i].verdict == Verdict::kAccept ? forward.add_allow() : forward.add_block()) =
            std::move(mapping);
      }
    }
    if (!accepts && !restricted_.empty()) KeepFromSharing(last + 1);
    const v1::Sharing& sharing = PolicyAt(0).sharing();
    if (sharing.private_().empty() || !accepts) return;
    // A default never lets anything in or out of private networks, so rules must.
    v1::Forwarding& forward = *PolicyAt(last).mutable_forward();
    *forward.add_allow()->mutable_in()->mutable_names() = sharing.private_();
    *forward.add_allow()->mutable_out()->mutable_names() = sharing.private_();
  }

  void WriteLogging() {
    const bool logs = (in_.logs_rest && in_.rest != Verdict::kAccept) ||
                      (out_.logs_rest && out_.rest != Verdict::kAccept) ||
                      (through_.logs_rest && through_.rest != Verdict::kAccept);
    if (!logs) return;
    PolicyAt(0).mutable_logging()->set_dropped(true);
    if (in_.rest_log_limited) PolicyAt(0).mutable_logging()->set_rate(1);
  }

  // Whether the filters of a direction accept packets whose state shows that they begin no flow.
  absl::StatusOr<bool> Accepts(Way way, const Match& packets) {
    // Walking the chains again would report everything twice, so a copy of the report takes the
    // repeats.
    if (!unused_.has_value()) unused_ = report_;
    const Hook hook = way == Way::kIn ? Hook::kInput : Hook::kOutput;
    const Hook hooks[] = {hook};
    ASSIGN_OR_RETURN(const std::vector<Flat> rules,
                     Flatten(ruleset_, hooks, /*nat=*/false, packets, *unused_));
    return std::all_of(rules.begin(), rules.end(), [](const Flat& rule) {
      return rule.verdict == Verdict::kAccept || rule.verdict == Verdict::kLog;
    });
  }

  // Writes which ICMP errors about others' flows the host may send.
  absl::Status WriteIcmp() {
    struct Option {
      const char* name;
      int type4, type6;
    };
    constexpr Option kOptions[] = {
        {"destination-unreachable", 3, 1}, {"time-exceeded", 11, 3}, {"parameter-problem", 12, 4}};
    for (const Option& option : kOptions) {
      Match error = PacketsOf(Way::kOut, v4_, !v4_, false);
      error.states = kRelated;
      error.protocols.reset();
      error.protocols.set(v4_ ? kIcmp : kIcmpv6);
      const int type = v4_ ? option.type4 : option.type6;
      (v4_ ? error.kinds4 : error.kinds6) = IntervalSet::Of(type * 256, type * 256 + 255);
      error.segments = kAllSegments;
      Normalise(error);
      ASSIGN_OR_RETURN(const bool sent, Accepts(Way::kOut, error));
      if (sent) PolicyAt(0).mutable_icmp()->add_items(option.name);
    }
    return absl::OkStatus();
  }

  absl::Status NoteStateless() {
    for (const Way way : {Way::kIn, Way::kOut}) {
      bool all = true;
      // Each family is asked separately, because a table of one family never sees packets of the
      // other.
      for (const bool v6 : {false, true}) {
        if (!(v6 ? v6_ : v4_)) continue;
        Match answers = PacketsOf(way, !v6, v6, false);
        answers.states = kEstablished;
        answers.segments = kAllSegments;
        Normalise(answers);
        ASSIGN_OR_RETURN(const bool of_family, Accepts(way, answers));
        all = all && of_family;
      }
      if (all) continue;
      report_.Note(absl::StrCat("answers to flows that were let ", way == Way::kIn ? "out" : "in",
                                " pass, also where the rules look at each packet by itself"));
    }
    return absl::OkStatus();
  }

  const Ruleset& ruleset_;
  const Naming& naming_;
  Report& report_;
  std::optional<Report> unused_;
  const bool v4_, v6_;
  Decisions in_, out_, through_;
  std::set<std::string> restricted_;  // private interfaces that not everything is let out from
  std::vector<v1::Resource> resources_;
};

}  // namespace

absl::StatusOr<std::vector<v1::Resource>> BuildPolicies(const Ruleset& ruleset,
                                                        const Naming& naming, Report& report) {
  if (ruleset.tables.empty()) {
    return absl::InvalidArgumentError("there are no rules in it");
  }
  return Builder(ruleset, naming, report).Build();
}

}  // namespace firebreak::importer
