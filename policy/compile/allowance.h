// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_ALLOWANCE_H_
#define FIREBREAK_POLICY_COMPILE_ALLOWANCE_H_

#include <cstddef>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// What one host's rules may cost, whatever a policy says: a policy of a few lines can cut ports and
// addresses into millions of pieces.
//
// Steps are looks at a mapping, or at one of its prefixes, within a range of ports. Pieces are
// elements that come of mappings. Boxes are elements of sets of several ranges each, which what is
// sent on needs: the kernel takes time for them with the square of their number. Rules are those of
// mappings that no map can hold: every new flow may be held against each of them.
inline constexpr size_t kMostSteps = 3'000'000;
inline constexpr size_t kMostPieces = 200'000;
inline constexpr size_t kMostBoxes = 4'096;
inline constexpr size_t kMostRules = 20'000;

// What is left of it while a policy is compiled.
class Allowance {
 public:
  enum class Kind { kSteps, kPieces, kBoxes, kRules };

  // Takes what a mapping costs. False: nothing is left, and whoever asks is to stop.
  bool Take(Kind kind, size_t count, const v1::Mapping& mapping);
  bool exhausted() const { return !status_.ok(); }

  // OK, or ResourceExhausted with the mapping that took most, which its payload kFaultyMapping
  // names as well.
  const absl::Status& status() const { return status_; }

 private:
  struct Account {
    size_t left;
    absl::flat_hash_map<const v1::Mapping*, size_t> taken;
  };
  Account accounts_[4] = {{kMostSteps, {}}, {kMostPieces, {}}, {kMostBoxes, {}}, {kMostRules, {}}};
  absl::Status status_;
};

inline constexpr absl::string_view kFaultyMapping = "firebreak.mapping";
// "Policy/laptops, mapping ssh"; empty: the error is about no mapping.
std::string MappingAtFault(const absl::Status& status);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_ALLOWANCE_H_
