// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_IDENTITY_ENROLMENT_DECISION_H_
#define FIREBREAK_AGENT_IDENTITY_ENROLMENT_DECISION_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "agent/identity/identity.h"
#include "proto/endpoint/token.h"

namespace firebreak::agent {

// What a host does at its start with the identity and the token that it finds.
struct EnrolmentDecision {
  enum class When {
    kNever,  // the host has no token
    // The identity was made with this token, and is used as long as the controller accepts it.
    kIfRefused,
    kNow,
  };
  When when = When::kNever;
  // The name under which the host enrols.
  std::string name;
  // Whether the host may connect with the identity that it has until it has enrolled.
  bool usable = false;

  friend bool operator==(const EnrolmentDecision&, const EnrolmentDecision&) = default;
};

// `given_name` is the name on the command line, if there is one; `host_name` is this machine's
// name.
EnrolmentDecision DecideEnrolment(const std::optional<Identity>& identity,
                                  const std::optional<Token>& token,
                                  const std::optional<std::string>& given_name,
                                  const std::string& host_name, absl::Time now);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_IDENTITY_ENROLMENT_DECISION_H_
