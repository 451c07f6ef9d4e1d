#ifndef FIREBREAK_CONTROLLER_LOG_NUMBERS_H_
#define FIREBREAK_CONTROLLER_LOG_NUMBERS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "controller/log/block.h"

namespace firebreak::controller {

// The number that the host's next record of the epoch has; 1 if none has come yet.
uint64_t NextNumber(const HostNumbers& numbers, absl::string_view host, uint64_t epoch);

// The last kMaxEpochs epochs of each host are remembered.
void SetNextNumber(absl::string_view host, uint64_t epoch, uint64_t next, HostNumbers& numbers);

// What a block that is stored does to the numbers.
void TakeNumbers(const Block& block, HostNumbers& numbers);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_NUMBERS_H_
