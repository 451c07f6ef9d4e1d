// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_CHECK_MAPPING_H_
#define FIREBREAK_POLICY_RESOURCES_CHECK_MAPPING_H_

#include "firebreak/v1/resources.pb.h"
#include "policy/resources/check.h"
#include "policy/resources/check_mappings.h"
#include "policy/resources/findings.h"

namespace firebreak::policy {

// A mapping to check, with its place and what it may refer to.
struct CheckedMapping {
  const v1::PortMapping& mapping;
  MappingList list;
  v1::Traffic::Action action;  // the action; in `outbound` its list determines it
  const FieldPath& path;
  const References& references;
  Findings& findings;

  bool Admits() const { return action == v1::Traffic::unspecified || action == v1::Traffic::allow; }
};

// Each function checks one subject of a mapping.
void CheckTraffic(const CheckedMapping& checked);  // service, protocol, ports, types, source_ports
void CheckEnds(const CheckedMapping& checked);     // from, to, their exceptions, senders
void CheckAction(const CheckedMapping& checked);   // action, forward_to, handshake, responses
void CheckLimits(const CheckedMapping& checked);   // limit, connections, log, expires, description

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_CHECK_MAPPING_H_
