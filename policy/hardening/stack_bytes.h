// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_HARDENING_STACK_BYTES_H_
#define FIREBREAK_POLICY_HARDENING_STACK_BYTES_H_

#include <string>

#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// Serialises everything that the policy asks of the TCP/IP stack. Two results are equal if and only
// if the policies ask the same; the result is empty if the policy asks nothing.
std::string StackBytes(const v1::EffectivePolicy& policy);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_HARDENING_STACK_BYTES_H_
