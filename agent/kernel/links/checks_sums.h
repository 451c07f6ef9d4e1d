// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_LINKS_CHECKS_SUMS_H_
#define FIREBREAK_AGENT_KERNEL_LINKS_CHECKS_SUMS_H_

#include <string>

#include "base/descriptor/descriptor.h"

namespace firebreak::agent {

// Asks devices whether they check the checksums of packets that they receive (ethtool's
// "rx-checksumming").
//
// Threading: one thread at a time. Works in the network namespace in which it was made.
class SumCheckers {
 public:
  SumCheckers();
  // Returns true also for a device that does not answer.
  bool Checks(const std::string& interface) const;

 private:
  Descriptor socket_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_LINKS_CHECKS_SUMS_H_
