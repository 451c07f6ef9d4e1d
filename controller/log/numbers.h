// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_LOG_NUMBERS_H_
#define FIREBREAK_CONTROLLER_LOG_NUMBERS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "controller/log/block.h"

namespace firebreak::controller {

// Returns the number that the next record of the host's epoch must have; 1 if none has come yet.
uint64_t NextNumber(const HostNumbers& numbers, absl::string_view host, uint64_t epoch);

// Only the last kMaxEpochs epochs of each host are remembered.
void SetNextNumber(absl::string_view host, uint64_t epoch, uint64_t next, HostNumbers& numbers);

// Updates the numbers by a block that was stored.
void TakeNumbers(const Block& block, HostNumbers& numbers);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_NUMBERS_H_
