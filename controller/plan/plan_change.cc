// SPDX-License-Identifier: Apache-2.0
#include "controller/plan/plan_change.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/openssl/openssl.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "policy/difference/cause_lines.h"
#include "policy/difference/fleet_plan.h"
#include "policy/invariant/fleet_check.h"

namespace firebreak::controller {
namespace {

// Long enough to tell plans apart, and short enough to be read aloud.
constexpr size_t kIdBytes = 8;

void Append(const google::protobuf::Message& message, std::string& bytes) {
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  coded.WriteVarint64(message.ByteSizeLong());
  message.SerializeToCodedStream(&coded);
}

void Append(absl::string_view text, std::string& bytes) {
  absl::StrAppend(&bytes, text.size(), ":", text);
}

}  // namespace

std::map<std::string, std::string> LabelsAfter(const HostRecord& host,
                                               const LabelChanges& changes) {
  std::map<std::string, std::string> labels = host.labels;
  const auto changed = changes.find(host.name);
  if (changed == changes.end()) return labels;
  for (const auto& [key, value] : changed->second) labels[key] = value;
  return labels;
}

std::vector<policy::PlannedHost> PlannedHosts(const std::vector<HostRecord>& hosts,
                                              const LabelChanges& labels) {
  std::vector<policy::PlannedHost> planned;
  planned.reserve(hosts.size());
  for (const HostRecord& host : hosts) {
    planned.push_back(
        {.name = host.name, .before = host.labels, .after = LabelsAfter(host, labels)});
  }
  return planned;
}

v1::Plan PlanChange(const PublishedRevision& current, const policy::Configuration& next,
                    const std::vector<HostRecord>& hosts, const LabelChanges& labels,
                    std::span<const policy::SourceFile> files) {
  const std::vector<policy::PlannedHost> planned = PlannedHosts(hosts, labels);
  const policy::Selector after(next);
  v1::Plan plan = policy::PlanFleet(current.selector(), after, planned);
  policy::PutCauseLines({}, files, plan);
  policy::InvariantReport report = policy::CheckInvariants(current.selector(), after, planned);
  policy::PutCauseLines(files, report.violations);
  for (v1::Violation& violation : report.violations) *plan.add_violations() = std::move(violation);
  plan.set_complete(plan.complete() && report.complete);
  plan.set_revision(current.number());
  plan.set_id(PlanId(current, next, hosts));
  return plan;
}

std::string PlanId(const PublishedRevision& current, const policy::Configuration& next,
                   const std::vector<HostRecord>& hosts) {
  std::string bytes = absl::StrCat(current.number(), ";", next.resources().size(), ";");
  for (const auto& [key, resource] : next.resources()) Append(*resource, bytes);
  for (const HostRecord& host : hosts) {
    Append(host.name, bytes);
    for (const auto& [key, value] : host.labels) {
      Append(key, bytes);
      Append(value, bytes);
    }
    bytes.push_back(';');
  }
  return absl::BytesToHexString(Sha256(bytes).substr(0, kIdBytes));
}

}  // namespace firebreak::controller
