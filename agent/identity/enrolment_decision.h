#ifndef FIREBREAK_AGENT_IDENTITY_ENROLMENT_DECISION_H_
#define FIREBREAK_AGENT_IDENTITY_ENROLMENT_DECISION_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "agent/identity/identity.h"
#include "proto/endpoint/token.h"

namespace firebreak::agent {

// What a host does with the identity and the token that it finds at its start.
struct EnrolmentDecision {
  enum class When {
    kNever,      // there is no token
    kIfRefused,  // the identity was made with this token, and serves as long as it is accepted
    kNow,
  };
  When when = When::kNever;
  // Under which name it enrols.
  std::string name;
  // Whether the identity is worth connecting with meanwhile.
  bool usable = false;

  friend bool operator==(const EnrolmentDecision&, const EnrolmentDecision&) = default;
};

// `given_name` is the one that the command line names, if it does; `host_name` is this machine's.
EnrolmentDecision DecideEnrolment(const std::optional<Identity>& identity,
                                  const std::optional<Token>& token,
                                  const std::optional<std::string>& given_name,
                                  const std::string& host_name, absl::Time now);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_IDENTITY_ENROLMENT_DECISION_H_
