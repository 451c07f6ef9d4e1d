#ifndef FIREBREAK_CLI_VIEW_STAGED_ROLLOUT_H_
#define FIREBREAK_CLI_VIEW_STAGED_ROLLOUT_H_

#include <string>

#include "absl/status/status.h"
#include "firebreak/v1/rollout.pb.h"

namespace firebreak::cli {

// The rollout and its waves as a page, with what can be done next.
std::string StagedRolloutPage(const v1::StagedRollout& rollout, bool colours);

// "revision 13: wave 2 of 4, 3 of 20 hosts reached, soaking".
std::string StagedRolloutLine(const v1::StagedRollout& rollout);

// Into which waves a change goes, and where to look: a line for whoever has just made it.
std::string WavesLine(const v1::StagedRollout& rollout);

// Whether watching ends: it has ended, or waits for a person.
bool IsSettled(const v1::StagedRollout& rollout);

// OK once it is complete; an error that says how it ended, or that it waits for a person.
absl::Status StagedRolloutOutcome(const v1::StagedRollout& rollout);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_STAGED_ROLLOUT_H_
