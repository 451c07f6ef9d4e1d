// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_UPLINK_FIT_REPORT_H_
#define FIREBREAK_AGENT_UPLINK_FIT_REPORT_H_

#include "firebreak/v1/fleet.pb.h"

namespace firebreak::agent {

// Cuts a host's report about itself (facts, receipts, refusals, events) to the kMaxReportBytes that
// the controller accepts, and says in the report what was left out. A host may have any number of
// addresses, interfaces and locations; a report of all of them would end the stream.
void FitReport(v1::AgentMessage& message);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_UPLINK_FIT_REPORT_H_
