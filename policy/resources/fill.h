#ifndef FIREBREAK_POLICY_RESOURCES_FILL_H_
#define FIREBREAK_POLICY_RESOURCES_FILL_H_

#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "policy/resources/source_node.h"

namespace firebreak::policy {

// Called for each thing that does not fit, with the line.
using ReportLine = std::function<void(int line, std::string reason)>;

// Sets the fields of `message` to what `node` has. The key `skip` of the node itself is left out.
void FillMessage(const SourceNode& node, absl::string_view skip, const ReportLine& report,
                 google::protobuf::Message& message);

// The field of a message that is written as a plain list; null for all others.
const google::protobuf::FieldDescriptor* ListField(const google::protobuf::Descriptor& type);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_FILL_H_
