// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/resources/check.h"
#include "policy/resources/check_forwarding.h"
#include "policy/resources/check_hardening.h"
#include "policy/resources/check_hidden.h"
#include "policy/resources/check_mappings.h"
#include "policy/resources/check_references.h"
#include "policy/resources/edit.h"
#include "policy/resources/icmp_options.h"
#include "policy/resources/names.h"

namespace firebreak::policy {
namespace {

constexpr int kMaxPriority = 1'000'000;
constexpr int kMaxReferences = 1000;  // to groups, or to locations
constexpr int kMaxSections = 256;
constexpr size_t kMaxMappings = 100'000;  // also the most that an agent accepts
constexpr size_t kMaxPairs = kMostPairsOfPolicy;

class PolicyCheck {
 public:
  PolicyCheck(const v1::Policy& policy, const References& references, Findings& findings)
      : policy_(policy), references_(references), findings_(findings) {}

  void Check() {
    CheckNameIsFree();
    CheckGroups();
    CheckLocations();
    if (policy_.priority() < -kMaxPriority || policy_.priority() > kMaxPriority) {
      findings_.Add(FieldPath(top_, "priority"), absl::StrCat("priority ", policy_.priority(),
                                                              " is out of range: it goes from -",
                                                              kMaxPriority, " to ", kMaxPriority));
    }
    CheckSettings(policy_, top_);
    CheckHostSettings(policy_, findings_);
    mappings_ +=
        static_cast<size_t>(policy_.forward().allow_size() + policy_.forward().block_size());
    pairs_ +=
        CheckForwarding(policy_.forward(), FieldPath(top_, "forward"), references_, findings_);
    CheckHardening(policy_.hardening(), top_, /*of_interface=*/false, findings_);
    WarnOfContradictions(policy_, findings_);
    if (policy_.interfaces_size() > kMaxSections) {
      findings_.Add(FieldPath(top_, "interfaces"),
                    absl::StrCat("the policy has more than ", kMaxSections, " sections"));
    }
    for (int i = 0; i < std::min(policy_.interfaces_size(), kMaxSections); ++i) {
      if (pairs_ > kMaxPairs) break;
      const FieldPath section(top_, "interfaces", i);
      CheckInterfaceMatch(policy_.interfaces(i).match(), "the section", FieldPath(section, "match"),
                          findings_);
      CheckMayHaveFirewall(policy_.interfaces(i), section);
      CheckSettings(policy_.interfaces(i), section);
      CheckHardening(policy_.interfaces(i).hardening(), section, /*of_interface=*/true, findings_);
    }
    if (mappings_ > kMaxMappings || pairs_ > kMaxPairs) {
      findings_.Add(top_, absl::StrCat("the policy has more than ", kMaxMappings, " mappings, or ",
                                       kMaxPairs, " pairs of ports and prefixes in them"));
    }
  }

 private:
  // Refuses names that stand in place of a policy's name for settings that come from no policy.
  void CheckNameIsFree() {
    const std::string& name = policy_.name();
    const bool reserved = name == "local" || name == "unmanaged" || EditNumber(name) != 0;
    if (!reserved) return;
    findings_.Add(
        FieldPath(top_, "name"),
        absl::StrCat("no policy may be called ", Quoted(name), ": a host reports under this name ",
                     name == "local"       ? "what its own administrator has switched"
                     : name == "unmanaged" ? "that no policy selects it"
                                           : "what was set by a verb",
                     "; choose another name"));
  }

  void CheckGroups() {
    if (policy_.groups().empty()) {
      findings_.AddMissing(FieldPath(top_, "groups"),
                           "the policy has no \"groups\"; for all hosts write [all]");
    }
    for (int i = 0; i < std::min(policy_.groups_size(), kMaxReferences); ++i) {
      CheckGroupReference(policy_.groups(i), FieldPath(top_, "groups", i), references_, findings_);
    }
    CheckCount("groups", policy_.groups_size());
  }

  void CheckLocations() {
    for (int i = 0; i < std::min(policy_.locations_size(), kMaxReferences); ++i) {
      CheckLocationReference(policy_.locations(i), FieldPath(top_, "locations", i), references_,
                             findings_);
    }
    CheckCount("locations", policy_.locations_size());
  }

  void CheckCount(absl::string_view field, int count) {
    if (count <= kMaxReferences) return;
    findings_.Add(FieldPath(top_, field),
                  absl::StrCat("the policy has more than ", kMaxReferences, " ", field));
  }

  // Refuses sections for bridges' ports and for private interfaces of sharing, because their
  // mappings would open nothing: a bridge's traffic does not pass through this host's IP, and
  // traffic of private interfaces is judged at the public interface.
  void CheckMayHaveFirewall(const v1::InterfaceSettings& settings, const FieldPath& section) {
    const bool on = settings.firewall() != v1::Firewall::unspecified &&
                    settings.firewall() != v1::Firewall::off;
    const absl::string_view field = on                             ? "firewall"
                                    : settings.has_port_mappings() ? "port_mappings"
                                    : settings.has_outbound()      ? "outbound"
                                    : settings.has_icmp()          ? "icmp"
                                    : settings.unsolicited() != v1::Unsolicited::unspecified
                                        ? "unsolicited"
                                        : "";
    if (field.empty()) return;
    const FieldPath path(section, field);
    const auto& types = settings.match().types();
    if (std::find(types.begin(), types.end(), "bridge") != types.end()) {
      findings_.Add(
          path, absl::StrCat("a bridge cannot be given a firewall of its own: what it switches "
                             "does not pass through this host; leave \"",
                             field,
                             "\" out, and the policy's holds for what the host itself sends and "
                             "receives"));
    }
    for (const std::string& name : policy_.sharing().private_()) {
      const auto& names = settings.match().names();
      if (std::find(names.begin(), names.end(), name) == names.end()) continue;
      findings_.Add(path, absl::StrCat(Quoted(name),
                                       " is a private interface of \"sharing\" and cannot be "
                                       "given a firewall: what comes from outside is judged at "
                                       "the public one; leave \"",
                                       field, "\" out"));
      return;
    }
  }

  // Checks the fields that a policy and its sections have in common.
  template <typename Settings>
  void CheckSettings(const Settings& settings, const FieldPath& parent) {
    if (!v1::Firewall::Mode_IsValid(settings.firewall())) {
      findings_.Add(FieldPath(parent, "firewall"), "unknown mode: it is on, off or observe");
    }
    std::vector<PlacedMapping> inbound;
    inbound.reserve(settings.port_mappings().items_size());
    for (int i = 0; i < settings.port_mappings().items_size(); ++i) {
      const v1::PortMapping& mapping = settings.port_mappings().items(i);
      inbound.push_back({&mapping, "port_mappings", i, mapping.action()});
    }
    CheckList(inbound, MappingList::kInbound, parent);

    for (int i = 0; i < settings.icmp().items_size(); ++i) {
      CheckIcmp(settings.icmp().items(i), FieldPath(parent, "icmp", i));
    }

    const FieldPath outbound(parent, "outbound");
    if (!v1::Traffic::Action_IsValid(settings.outbound().default_())) {
      findings_.Add(FieldPath(outbound, "default"), "unknown action: it is allow, block or reject");
    }
    if (!v1::Unsolicited::Action_IsValid(settings.unsolicited())) {
      findings_.Add(FieldPath(parent, "unsolicited"), "unknown action: it is drop or reject");
    }
    std::vector<PlacedMapping> outgoing;
    outgoing.reserve(settings.outbound().allow_size() + settings.outbound().block_size());
    // In the order in which they decide: blocks before allows.
    for (int i = 0; i < settings.outbound().block_size(); ++i) {
      const bool reject = settings.outbound().block(i).action() == v1::Traffic::reject;
      outgoing.push_back({&settings.outbound().block(i), "block", i,
                          reject ? v1::Traffic::reject : v1::Traffic::block});
    }
    for (int i = 0; i < settings.outbound().allow_size(); ++i) {
      outgoing.push_back({&settings.outbound().allow(i), "allow", i, v1::Traffic::allow});
    }
    CheckList(outgoing, MappingList::kOutbound, outbound);
  }

  void CheckList(const std::vector<PlacedMapping>& list, MappingList kind,
                 const FieldPath& parent) {
    for (const PlacedMapping& placed : list) {
      CheckNotForwarding(*placed.mapping, FieldPath(parent, placed.field, placed.index), findings_);
    }
    const size_t pairs = CheckMappings(list, kind, parent, references_, findings_);
    mappings_ += list.size();
    pairs_ += pairs;
    // The policy is refused anyway, and further checks would be too slow.
    if (pairs > kMaxPairs) return;
    if (kind == MappingList::kOutbound) {
      CheckContradictions(list, parent, references_.configuration, findings_);
    }
    WarnOfHidden(list, kind, parent, references_.configuration, findings_);
  }

  void CheckIcmp(const std::string& name, const FieldPath& path) {
    if (ParseIcmpOption(name).has_value() || name == kAllIcmpOptionsName) return;
    std::vector<absl::string_view> names;
    for (IcmpOption option : AllIcmpOptions()) names.push_back(IcmpOptionName(option));
    findings_.Add(path, absl::StrCat("unknown ICMP option ", Quoted(name), "; there are ",
                                     absl::StrJoin(names, ", "), ", and all"));
  }

  const FieldPath top_;
  const v1::Policy& policy_;
  const References& references_;
  Findings& findings_;
  size_t mappings_ = 0;
  size_t pairs_ = 0;
};

}  // namespace

void CheckPolicy(const v1::Policy& policy, const References& references, Findings& findings) {
  PolicyCheck(policy, references, findings).Check();
}

}  // namespace firebreak::policy
