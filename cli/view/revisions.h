#ifndef FIREBREAK_CLI_VIEW_REVISIONS_H_
#define FIREBREAK_CLI_VIEW_REVISIONS_H_

#include <string>

#include "firebreak/v1/admin.pb.h"

namespace firebreak::cli {

// `firebreak revisions`: a line for each, the newest first; one whose resources are gone says so.
std::string RevisionList(const v1::ListRevisionsResponse& response, bool colours);

// `firebreak revision show`: who made it, when and from where, and what it changed. `changes` is
// what differs from the revision before it; null if one of them is not kept.
std::string RevisionPage(const v1::Revision& revision, const v1::DiffResponse* changes,
                         bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_REVISIONS_H_
