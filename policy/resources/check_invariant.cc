// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/resources/check.h"
#include "policy/resources/check_forwarding.h"
#include "policy/resources/check_mappings.h"
#include "policy/resources/check_references.h"
#include "policy/resources/names.h"

namespace firebreak::policy {
namespace {

constexpr int kMaxReferences = 1000;
constexpr int kMaxTraffic = 1000;
constexpr size_t kMaxPairs = 100'000;  // of ports and prefixes
constexpr size_t kMaxReason = 4096;    // bytes

// The fields that say which packets are meant. All others say what is done with packets.
constexpr absl::string_view kMatching[] = {"name",         "service", "protocol",    "ports",
                                           "from",         "to",      "from_except", "to_except",
                                           "source_ports", "types",   "description"};

// Refuses fields that mean nothing in an invariant, because an invariant enforces nothing.
void CheckMatchesOnly(const v1::PortMapping& traffic, bool inbound, const FieldPath& path,
                      Findings& findings) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  traffic.GetReflection()->ListFields(traffic, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    if (std::find(std::begin(kMatching), std::end(kMatching), field->name()) !=
        std::end(kMatching)) {
      continue;
    }
    findings.Add(FieldPath(path, field->name()),
                 absl::StrCat("the traffic of an invariant says which packets are meant; leave ",
                              Quoted(field->name()), " out"));
  }
  // Invariants are decided by the remote side only, because the controller does not know a host's
  // own addresses until the host reports them.
  for (const absl::string_view field :
       {inbound ? "to" : "from", inbound ? "to_except" : "from_except"}) {
    const auto* descriptor = traffic.GetDescriptor()->FindFieldByName(std::string(field));
    if (traffic.GetReflection()->FieldSize(traffic, descriptor) == 0) continue;
    findings.Add(
        FieldPath(path, field),
        absl::StrCat("an invariant speaks of the remote side only; leave ", Quoted(field), " out"));
  }
}

}  // namespace

void CheckInvariant(const v1::Invariant& invariant, const References& references,
                    Findings& findings) {
  const FieldPath top;
  if (invariant.reason().size() > kMaxReason) {
    findings.Add(FieldPath(top, "reason"),
                 absl::StrCat("the reason is longer than ", kMaxReason, " bytes"));
  }
  for (const auto& [field, count] :
       {std::pair{"groups", invariant.groups_size()}, {"locations", invariant.locations_size()}}) {
    if (count <= kMaxReferences) continue;
    findings.Add(FieldPath(top, field),
                 absl::StrCat("the invariant has more than ", kMaxReferences, " ", field));
  }
  for (int i = 0; i < std::min(invariant.groups_size(), kMaxReferences); ++i) {
    CheckGroupReference(invariant.groups(i), FieldPath(top, "groups", i), references, findings);
  }
  for (int i = 0; i < std::min(invariant.locations_size(), kMaxReferences); ++i) {
    CheckLocationReference(invariant.locations(i), FieldPath(top, "locations", i), references,
                           findings);
  }
  if (invariant.has_interfaces()) {
    CheckInterfaceMatch(invariant.interfaces(), "the invariant", FieldPath(top, "interfaces"),
                        findings);
  }
  const std::string& direction = invariant.direction();
  if (!direction.empty() && direction != "in" && direction != "out") {
    findings.Add(FieldPath(top, "direction"),
                 absl::StrCat("unknown direction ", Quoted(direction), ": it is in or out"));
  }
  if (invariant.must() != v1::Invariant::allow && invariant.must() != v1::Invariant::block) {
    findings.AddMissing(FieldPath(top, "must"),
                        "the invariant has no \"must\": what it speaks of must be allowed (allow) "
                        "or refused (block)");
  }
  if (!v1::Enforcement::Level_IsValid(invariant.enforce())) {
    findings.Add(FieldPath(top, "enforce"), "unknown level: it is refuse or warn");
  }
  if (invariant.traffic().empty()) {
    findings.AddMissing(FieldPath(top, "traffic"),
                        "the invariant has no \"traffic\", such as [{protocol: tcp, ports: "
                        "[\"22\"]}] or [{service: ssh}]");
  }
  if (invariant.traffic_size() > kMaxTraffic) {
    findings.Add(FieldPath(top, "traffic"),
                 absl::StrCat("the invariant has more than ", kMaxTraffic, " kinds of traffic"));
    return;
  }
  std::vector<PlacedMapping> traffic;
  for (int i = 0; i < invariant.traffic_size(); ++i) {
    CheckMatchesOnly(invariant.traffic(i), direction != "out", FieldPath(top, "traffic", i),
                     findings);
    traffic.push_back({&invariant.traffic(i), "traffic", i, v1::Traffic::allow});
  }
  const size_t pairs =
      CheckMappings(traffic, direction == "out" ? MappingList::kOutbound : MappingList::kInbound,
                    top, references, findings);
  if (pairs > kMaxPairs) {
    findings.Add(FieldPath(top, "traffic"),
                 absl::StrCat("the invariant has more than ", kMaxPairs,
                              " pairs of ports and prefixes; make several of it"));
  }
}

}  // namespace firebreak::policy
