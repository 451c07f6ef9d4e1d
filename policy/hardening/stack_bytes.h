// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_HARDENING_STACK_BYTES_H_
#define FIREBREAK_POLICY_HARDENING_STACK_BYTES_H_

#include <string>

#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// All that the policy asks of the TCP/IP stack, as bytes that are equal if it is the same; empty:
// nothing.
std::string StackBytes(const v1::EffectivePolicy& policy);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_HARDENING_STACK_BYTES_H_
