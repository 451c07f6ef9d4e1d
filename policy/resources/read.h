// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_READ_H_
#define FIREBREAK_POLICY_RESOURCES_READ_H_

#include <string>
#include <vector>

#include "firebreak/v1/resources.pb.h"
#include "policy/resources/problem.h"
#include "policy/resources/source_node.h"

namespace firebreak::policy {

// A resource, and the text that it was read from.
struct ReadResource {
  v1::Resource resource;
  std::string file;
  // SourceNode::LineOf returns the line of a field path such as "port_mappings[3].ports[0]".
  SourceNode source;
};

// Reads the resources of a YAML or JSON file: one in each document, or a list of them. Uses
// protobuf reflection, so a new setting needs only a field in resources.proto:
// - fields and enum values are spelled as in the proto; `kind` names the resource's type;
// - a message that has only `items` is written as a plain list;
// - a scalar may stand for a list of one.
// Everything that does not fit goes into `problems`, in the order of the text. The resources that
// could be read are returned too, so that their meaning can be checked in the same pass.
std::vector<ReadResource> ReadResources(const std::string& file, const std::string& text,
                                        std::vector<Problem>& problems);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_READ_H_
