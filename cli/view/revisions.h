// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_REVISIONS_H_
#define FIREBREAK_CLI_VIEW_REVISIONS_H_

#include <string>

#include "firebreak/v1/admin.pb.h"

namespace firebreak::cli {

// Returns the output of `firebreak revisions`: a line for each revision, newest first, which says
// so if the revision's resources are no longer kept.
std::string RevisionList(const v1::ListRevisionsResponse& response, bool colours);

// Returns the output of `firebreak revision show`: who made the revision, when and from where, and
// what it changed. `changes` holds the differences from the previous revision, or is null if the
// resources of one of the two are not kept.
std::string RevisionPage(const v1::Revision& revision, const v1::DiffResponse* changes,
                         bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_REVISIONS_H_
