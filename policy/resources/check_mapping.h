// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_CHECK_MAPPING_H_
#define FIREBREAK_POLICY_RESOURCES_CHECK_MAPPING_H_

#include "firebreak/v1/resources.pb.h"
#include "policy/resources/check.h"
#include "policy/resources/check_mappings.h"
#include "policy/resources/findings.h"

namespace firebreak::policy {

// One mapping, where it stands and what it may refer to, while it is checked.
struct CheckedMapping {
  const v1::PortMapping& mapping;
  MappingList list;
  v1::Traffic::Action action;  // what it does: in `outbound` its list says so
  const FieldPath& path;
  const References& references;
  Findings& findings;

  bool Admits() const { return action == v1::Traffic::unspecified || action == v1::Traffic::allow; }
};

// The subjects of a mapping, each with its mistakes.
void CheckTraffic(const CheckedMapping& checked);  // service, protocol, ports, types, source_ports
void CheckEnds(const CheckedMapping& checked);     // from, to, what they except, who sends
void CheckAction(const CheckedMapping& checked);   // action, forward_to, handshake, responses
void CheckLimits(const CheckedMapping& checked);   // limit, connections, log, expires, description

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_CHECK_MAPPING_H_
