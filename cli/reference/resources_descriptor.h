// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_REFERENCE_RESOURCES_DESCRIPTOR_H_
#define FIREBREAK_CLI_REFERENCE_RESOURCES_DESCRIPTOR_H_

#include "absl/strings/string_view.h"

namespace firebreak::cli {

// resources.proto and what it imports as a serialized google.protobuf.FileDescriptorSet, comments
// included. The build makes it (resources_descriptor.cc).
absl::string_view ResourcesDescriptor();

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_REFERENCE_RESOURCES_DESCRIPTOR_H_
