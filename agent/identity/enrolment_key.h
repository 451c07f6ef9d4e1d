// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_IDENTITY_ENROLMENT_KEY_H_
#define FIREBREAK_AGENT_IDENTITY_ENROLMENT_KEY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace firebreak::agent {

// Returns the key in the file at `path`, or writes a new key there first. The caller wipes the key.
//
// A host enrols with this key. The key is on the disk before the controller hears of it, so that
// every attempt uses the same key, also after a restart: if the controller's answer got lost, the
// controller recognizes the host by its key and answers again.
absl::StatusOr<std::string> LoadOrMakeEnrolmentKey(const std::string& path);

// Must be called when the host has its certificate, so that the next enrolment makes a new key.
absl::Status ForgetEnrolmentKey(const std::string& path);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_IDENTITY_ENROLMENT_KEY_H_
