// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_CAPABILITY_UNDERSTOOD_H_
#define FIREBREAK_POLICY_CAPABILITY_UNDERSTOOD_H_

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace firebreak::policy {

// Checks that this program knows every field and every enum value set in the message, at any depth.
// Protobuf keeps unknown fields silently, so without this check a policy would be enforced without
// them. InvalidArgument, naming the place: a newer program has written the message.
absl::Status CheckUnderstood(const google::protobuf::Message& message);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_CAPABILITY_UNDERSTOOD_H_
