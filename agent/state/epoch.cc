// SPDX-License-Identifier: Apache-2.0
#include "agent/state/epoch.h"

#include <sys/random.h>

namespace firebreak::agent {

uint64_t RandomEpoch() {
  uint64_t epoch = 0;
  while (epoch == 0) {
    if (getrandom(&epoch, sizeof epoch, 0) != sizeof epoch) epoch = 0;
  }
  return epoch;
}

}  // namespace firebreak::agent
