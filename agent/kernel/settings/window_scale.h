// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_SETTINGS_WINDOW_SCALE_H_
#define FIREBREAK_AGENT_KERNEL_SETTINGS_WINDOW_SCALE_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace firebreak::agent {

// Returns the window scale (RFC 7323) that this kernel gives to a service which has not set a
// receive buffer, as tcp_select_initial_window in tcp_output.c computes it. `tcp_rmem` is the text
// of net.ipv4.tcp_rmem (three numbers), `rmem_max` of net.core.rmem_max, which network namespaces
// do not have on older kernels. Returns nullopt if `tcp_rmem` has another form.
std::optional<uint8_t> WindowScaleFor(absl::string_view tcp_rmem, absl::string_view rmem_max);

// The same for the settings now in force; nullopt if they cannot be read.
std::optional<uint8_t> ReadWindowScale();

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_SETTINGS_WINDOW_SCALE_H_
