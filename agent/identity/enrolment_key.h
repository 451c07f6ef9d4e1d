#ifndef FIREBREAK_AGENT_IDENTITY_ENROLMENT_KEY_H_
#define FIREBREAK_AGENT_IDENTITY_ENROLMENT_KEY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace firebreak::agent {

// The key that this host is enrolling with. It is on the disk before the controller hears of it, so
// that every attempt is made with the same key, also after a restart: the controller knows a host
// whose answer got lost by its key, and answers again.
//
// The key of the file at `path`, or a new one that is written there first. The caller wipes it.
absl::StatusOr<std::string> LoadOrMakeEnrolmentKey(const std::string& path);

// The host has its certificate: the next enrolment makes a new key.
absl::Status ForgetEnrolmentKey(const std::string& path);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_IDENTITY_ENROLMENT_KEY_H_
