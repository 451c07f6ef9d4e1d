// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_ELSEWHERE_H_
#define FIREBREAK_POLICY_RESOURCES_ELSEWHERE_H_

namespace firebreak::policy {

// The location of every interface that has proven no location; no resource has this name.
inline constexpr char kElsewhere[] = "elsewhere";

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_ELSEWHERE_H_
