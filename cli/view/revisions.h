#ifndef FIREBREAK_CLI_VIEW_REVISIONS_H_
#define FIREBREAK_CLI_VIEW_REVISIONS_H_

#include <string>

#include "firebreak/v1/admin.pb.h"

namespace firebreak::cli {

// The output of `firebreak revisions`: a line for each revision, newest first, which says so if its
// resources are not kept any more.
std::string RevisionList(const v1::ListRevisionsResponse& response, bool colours);

// The output of `firebreak revision show`: who made the revision, when and from where, and what it
// changed. `changes` holds the differences from the revision before it; null if the resources of
// one of the two are not kept.
std::string RevisionPage(const v1::Revision& revision, const v1::DiffResponse* changes,
                         bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_REVISIONS_H_
