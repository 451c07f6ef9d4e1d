// SPDX-License-Identifier: Apache-2.0

// The bytes of a stranger who asks to enrol: either a request in its frame, or no request.

#include "base/frame/frame.h"
#include "controller/front/enrolling.h"
#include "proto/endpoint/enrolment.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto request = firebreak::controller::ReadEnrolRequest(bytes);
  if (!request.ok() || !request->has_value()) return 0;
  if (size > firebreak::kFrameHeaderBytes + firebreak::kMaxEnrolRequestBytes) __builtin_trap();
  // No shorter part of the bytes may be a request.
  const auto part = firebreak::controller::ReadEnrolRequest(bytes.substr(0, size - 1));
  if (!part.ok() || part->has_value()) __builtin_trap();
  return 0;
}
