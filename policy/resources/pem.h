#ifndef FIREBREAK_POLICY_RESOURCES_PEM_H_
#define FIREBREAK_POLICY_RESOURCES_PEM_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace firebreak::policy {

// Whether `text` is one or more certificates in PEM (RFC 7468) by its form alone; who trusts them
// decodes them. InvalidArgument with a reason that holds no part of the text, which might be a key.
absl::Status CheckPemCertificates(absl::string_view text);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_PEM_H_
