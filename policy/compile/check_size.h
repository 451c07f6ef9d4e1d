#ifndef FIREBREAK_POLICY_COMPILE_CHECK_SIZE_H_
#define FIREBREAK_POLICY_COMPILE_CHECK_SIZE_H_

#include "absl/status/status.h"
#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// Whether any host could compile the policy within the allowance that agents keep to. The
// interfaces that sections of the policy speak of are taken to be there, one of each type and one
// for each pattern. ResourceExhausted names the mapping at fault (MappingAtFault).
//
// `policy` is checked already (CheckEffective). Costs what compiling it costs, or, for a small one,
// next to nothing.
absl::Status CheckSize(const v1::EffectivePolicy& policy);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_CHECK_SIZE_H_
