// SPDX-License-Identifier: Apache-2.0
#include "agent/mappings/check_wanted.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/mappings/mapping_table.h"
#include "agent/switch/process.h"
#include "base/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "policy/resources/check_mappings.h"
#include "policy/resources/names.h"
#include "policy/resources/ports.h"
#include "policy/resources/protocols.h"
#include "policy/resources/resolve.h"
#include "policy/resources/unit_name.h"

namespace firebreak::agent {
namespace {

constexpr int kMaxItems = 16;      // of each list: a program's mapping is a small one
constexpr size_t kMaxPairs = 256;  // of ports and prefixes, which is what enforcing them costs
constexpr size_t kMaxReason = 256;
constexpr size_t kMaxLocation = 63;
constexpr size_t kMaxBytes = 1280;  // so that an event about it is one that can be sent
constexpr uint32_t kFirstPortOfOthers = 1024;
constexpr uint64_t kDay = 86'400;
constexpr uint64_t kMostSecondsOfOthers = 30 * kDay;

// The fields of a PortMapping that say which packets are let in, and how many.
bool IsForPrograms(const std::string& field) {
  static const auto* const kFields = new std::set<std::string>{
      "name",      "service",      "protocol", "ports", "from",        "from_except", "to",
      "to_except", "source_ports", "types",    "limit", "connections", "log",         "log_rate"};
  return kFields->contains(field);
}

absl::Status CheckFields(const v1::PortMapping& mapping) {
  const google::protobuf::Reflection& reflection = *mapping.GetReflection();
  if (reflection.GetUnknownFields(mapping).field_count() != 0) {
    return absl::InvalidArgumentError("the mapping has a field that this agent does not know");
  }
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(mapping, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    const bool allows = field->name() == "action" && mapping.action() == v1::Traffic::allow;
    if (!allows && !IsForPrograms(field->name())) {
      return absl::InvalidArgumentError(
          absl::StrCat("a mapping of the host's own cannot have \"", field->name(),
                       "\": it only lets in what comes from outside; use a policy"));
    }
    if (field->is_repeated() && reflection.FieldSize(mapping, field) > kMaxItems) {
      return absl::InvalidArgumentError(absl::StrCat("\"", field->name(), "\" has more than ",
                                                     kMaxItems, " entries; use a policy"));
    }
  }
  if (mapping.ByteSizeLong() > kMaxBytes) {
    return absl::InvalidArgumentError("the mapping is too long; use a policy");
  }
  return absl::OkStatus();
}

absl::Status CheckMeaning(const v1::PortMapping& mapping) {
  const policy::Configuration built_in;
  const std::set<std::string> no_hosts;
  std::vector<policy::Problem> problems;
  policy::Findings findings("", nullptr, problems);
  const size_t pairs = policy::CheckMappings({{&mapping, "mapping", -1, v1::Traffic::allow}},
                                             policy::MappingList::kInbound, policy::FieldPath(),
                                             {built_in, no_hosts}, findings);
  if (!problems.empty()) return absl::InvalidArgumentError(problems.front().reason);
  if (pairs > kMaxPairs) {
    return absl::InvalidArgumentError(absl::StrCat("the mapping comes to more than ", kMaxPairs,
                                                   " pairs of ports and prefixes; use a policy"));
  }
  return absl::OkStatus();
}

absl::Status CheckPortsOfOthers(const v1::PortMapping& mapping) {
  for (const v1::PortRange& range : policy::PortRangesOf(policy::Configuration(), mapping)) {
    const auto protocol = static_cast<uint8_t>(range.protocol());
    if (!policy::HasPorts(protocol)) {
      return absl::PermissionDeniedError(
          "only a protocol with ports can be asked for, tcp or udp say; root can add others");
    }
    if (range.first() < kFirstPortOfOthers) {
      return absl::PermissionDeniedError(
          absl::StrCat("ports below ", kFirstPortOfOthers,
                       " are root's to listen at, and only root can add a "
                       "mapping for them"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckOfOthers(const v1::LocalMapping& wanted) {
  RETURN_IF_ERROR(CheckPortsOfOthers(wanted.mapping()));
  if (wanted.reason().empty()) {
    return absl::InvalidArgumentError("say in \"reason\" what it is for: a person decides by it");
  }
  if (wanted.seconds() == 0 && wanted.unit().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("say until when: in \"seconds\", or in \"unit\" the unit with which it ends, "
                     "or \"",
                     kWithTheProgram, "\" for the program that asks"));
  }
  if (wanted.seconds() > kMostSecondsOfOthers) {
    return absl::InvalidArgumentError("nobody can ask for more than 30 days");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::LocalMapping> CheckWanted(const v1::LocalMapping& asked, Wanter wanter) {
  RETURN_IF_ERROR(CheckFields(asked.mapping()));
  RETURN_IF_ERROR(CheckMeaning(asked.mapping()));
  if (!asked.interface().empty()) {
    RETURN_IF_ERROR(policy::CheckInterfaceName(asked.interface(), /*pattern=*/false));
  }
  if (asked.location().size() > kMaxLocation) {
    return absl::InvalidArgumentError("no location has so long a name");
  }
  if (!asked.unit().empty() && asked.unit() != kWithTheProgram) {
    RETURN_IF_ERROR(policy::CheckUnitName(asked.unit()));
  }
  if (asked.seconds() > kMostMappingSeconds) {
    return absl::InvalidArgumentError("10 years are the longest; leave \"seconds\" out");
  }
  v1::LocalMapping wanted;
  *wanted.mutable_mapping() = asked.mapping();
  wanted.set_interface(asked.interface());
  wanted.set_location(Plain(asked.location(), kMaxLocation));
  wanted.set_unit(asked.unit());
  wanted.set_seconds(asked.seconds());
  wanted.set_reason(Readable(asked.reason(), kMaxReason));
  if (wanter == Wanter::kOther) RETURN_IF_ERROR(CheckOfOthers(wanted));
  return wanted;
}

}  // namespace firebreak::agent
