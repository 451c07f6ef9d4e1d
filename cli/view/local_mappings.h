// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_LOCAL_MAPPINGS_H_
#define FIREBREAK_CLI_VIEW_LOCAL_MAPPINGS_H_

#include <string>

#include "cli/view/answer_view.h"
#include "firebreak/v1/location.pb.h"

namespace firebreak::cli {

// Returns until when a host's own mapping is open, or is to be open: "2027-01-31T18:00:00Z", "1h
// after the grant" or "the end of game.service". If there are several ends, the first one counts.
std::string UntilText(const v1::LocalMapping& mapping);

// The views of what programs of a host ask for, and of what the host itself has opened, with a row
// for each.
AnswerView RequestsView();
AnswerView OwnMappingsView();

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_LOCAL_MAPPINGS_H_
