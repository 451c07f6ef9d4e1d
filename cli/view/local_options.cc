// SPDX-License-Identifier: Apache-2.0
#include "cli/view/local_options.h"

#include "cli/output/moment.h"
#include "cli/output/table.h"
#include "policy/merge/local_switch.h"

namespace firebreak::cli {

std::string LocalOptionTable(const std::vector<v1::LocalSwitch>& options, absl::Time now,
                             bool colours) {
  Table table({"OPTION", "ON", "AT", "SINCE", "BY", "REASON", "PROGRAM"});
  for (const v1::LocalSwitch& one : options) {
    const bool host = policy::SubjectOf(one) == policy::SwitchSubject::kLogging;
    table.AddRow({policy::DescribeSwitch(one),
                  host                      ? "the host"
                  : one.interface().empty() ? "any"
                                            : one.interface(),
                  one.location().empty() ? "anywhere" : one.location(), Moment(one.at(), now),
                  one.user(), one.reason(), one.program()});
  }
  return table.rows() == 0 ? "" : table.Text(colours);
}

}  // namespace firebreak::cli
