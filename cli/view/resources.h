#ifndef FIREBREAK_CLI_VIEW_RESOURCES_H_
#define FIREBREAK_CLI_VIEW_RESOURCES_H_

#include <string>

#include "firebreak/v1/admin.pb.h"

namespace firebreak::cli {

// A table for each kind among the resources, empty ones left out.
std::string ResourceTables(const v1::GetResourcesResponse& response, bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_RESOURCES_H_
