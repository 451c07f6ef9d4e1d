// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_SWITCH_RECORD_BUDGET_H_
#define FIREBREAK_AGENT_SWITCH_RECORD_BUDGET_H_

#include <sys/types.h>

#include <cstddef>
#include <map>

#include "absl/time/time.h"
#include "agent/answer/reply.h"

namespace firebreak::agent {

// How many records in the trail, and writes to the disk, a caller may cause: any number if he may
// act; of each other user kMaxRecords in kTime, so that no user fills the trail or pushes others'
// events out of it.
//
// Threading: for one thread.
class RecordBudget {
 public:
  static constexpr int kMaxRecords = 30;
  static constexpr absl::Duration kTime = absl::Minutes(10);
  static constexpr size_t kMaxUsers = 1024;

  // Whether there may be one record more; if so, it counts.
  bool Take(const Caller& caller, absl::Time now);

 private:
  struct Spent {
    absl::Time since;
    int count = 0;
  };
  std::map<uid_t, Spent> users_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_SWITCH_RECORD_BUDGET_H_
