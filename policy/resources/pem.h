// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_PEM_H_
#define FIREBREAK_POLICY_RESOURCES_PEM_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace firebreak::policy {

// Checks only that `text` has the form of one or more certificates in PEM (RFC 7468); a program
// that trusts them must decode them. InvalidArgument gives a reason without any part of the text,
// which might be a key.
absl::Status CheckPemCertificates(absl::string_view text);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_PEM_H_
