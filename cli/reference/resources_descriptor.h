// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_REFERENCE_RESOURCES_DESCRIPTOR_H_
#define FIREBREAK_CLI_REFERENCE_RESOURCES_DESCRIPTOR_H_

#include "absl/strings/string_view.h"

namespace firebreak::cli {

// Returns resources.proto and its imports as a serialized google.protobuf.FileDescriptorSet with
// comments. The build generates it (resources_descriptor.cc).
absl::string_view ResourcesDescriptor();

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_REFERENCE_RESOURCES_DESCRIPTOR_H_
