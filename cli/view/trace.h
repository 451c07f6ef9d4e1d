// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_TRACE_H_
#define FIREBREAK_CLI_VIEW_TRACE_H_

#include <string>

#include "firebreak/v1/host.pb.h"

namespace firebreak::cli {

// Returns a page about what happens to a packet, and why.
std::string TracePage(const v1::TraceAnswer& answer, bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_TRACE_H_
