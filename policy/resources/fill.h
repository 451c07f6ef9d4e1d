// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_FILL_H_
#define FIREBREAK_POLICY_RESOURCES_FILL_H_

#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "policy/resources/source_node.h"

namespace firebreak::policy {

// Called with the line for each part that does not fit the message.
using ReportLine = std::function<void(int line, std::string reason)>;

// Sets the fields of `message` from `node`. Ignores the key `skip` of the node itself.
void FillMessage(const SourceNode& node, absl::string_view skip, const ReportLine& report,
                 google::protobuf::Message& message);

// Returns the field of a message that is written as a plain list, or null if the message is not
// written so.
const google::protobuf::FieldDescriptor* ListField(const google::protobuf::Descriptor& type);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_FILL_H_
