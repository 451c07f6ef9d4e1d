// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_LOCAL_MAPPINGS_H_
#define FIREBREAK_CLI_VIEW_LOCAL_MAPPINGS_H_

#include <string>

#include "cli/view/answer_view.h"
#include "firebreak/v1/location.pb.h"

namespace firebreak::cli {

// Until when a host's own mapping is open, or is asked for: "2027-01-31T18:00:00Z", "1h after the
// grant", "the end of game.service", or several of them, the first of which counts.
std::string UntilText(const v1::LocalMapping& mapping);

// What programs of a host ask for, and what the host itself has opened, with a row for each.
AnswerView RequestsView();
AnswerView OwnMappingsView();

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_LOCAL_MAPPINGS_H_
