#ifndef FIREBREAK_CLI_VIEW_ROLLOUT_H_
#define FIREBREAK_CLI_VIEW_ROLLOUT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::cli {

// "3 of 12 hosts have applied revision 7".
std::string RolloutLine(const v1::Rollout& rollout);

// OK if every host concerned has applied it. Else an error that lists who refused or undid it, why
// and, if `timed_out`, who has not answered yet.
absl::Status RolloutOutcome(const v1::Rollout& rollout, bool timed_out, absl::Duration timeout);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_ROLLOUT_H_
