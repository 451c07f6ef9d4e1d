#ifndef FIREBREAK_POLICY_CAPABILITY_UNDERSTOOD_H_
#define FIREBREAK_POLICY_CAPABILITY_UNDERSTOOD_H_

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace firebreak::policy {

// OK if this program knows every field and every enum value that is set in the message, in all
// depths. Protobuf keeps what it does not know and says nothing, so that a policy would be enforced
// without it. InvalidArgument, naming the place, if a newer program has written the message.
absl::Status CheckUnderstood(const google::protobuf::Message& message);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_CAPABILITY_UNDERSTOOD_H_
