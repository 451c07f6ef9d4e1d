// SPDX-License-Identifier: Apache-2.0

// HTTP/2 frames of an admitted host, as the front sees them. However the bytes are split, the
// verdict must be the same, and no more calls may be open than allowed.

#include <algorithm>
#include <string>

#include "controller/front/frame_budget.h"

using firebreak::controller::FrameBudget;

namespace {

// Returns the offset at which the frames are refused, or the size if they are accepted.
size_t Judge(absl::string_view bytes, size_t portion) {
  const FrameBudget::Clock::time_point now{};
  FrameBudget budget(FrameBudget::kHost, now);
  budget.FromServer(bytes);
  for (size_t at = 0; at < bytes.size(); at += portion) {
    if (!budget.FromClient(bytes.substr(at, portion), now).ok()) return at / portion;
    if (budget.open_calls() > FrameBudget::kMaxOpenCalls) __builtin_trap();
  }
  return bytes.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const bool good = Judge(bytes, std::max<size_t>(size, 1)) == size;
  for (size_t portion : {1, 7, 100}) {
    if ((Judge(bytes, portion) == size) != good) __builtin_trap();
  }
  return 0;
}
