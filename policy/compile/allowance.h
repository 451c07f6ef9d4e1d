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

// What the rules of one host may cost. A limit is needed because a policy of a few lines can cut
// ports and addresses into millions of pieces.
//
// A step is one look at a mapping, or at one of its prefixes, within a range of ports. A piece is
// an element that a mapping makes. A box is an element of a set with several ranges in its key, as
// forwarding needs it; the kernel's time for such a set grows with the square of their number. A
// rule here is a rule of a mapping that does not fit into a map; every new flow may have to pass
// all of them. A set here is any set of the table; to find one by its
// name, the kernel looks at all of them (nft_set_lookup). A meter is a set that packets fill, so
// strangers decide how large it becomes. A comparison is one of a range or prefix of one mapping
// with one of another.
inline constexpr size_t kMostSteps = 3'000'000;
inline constexpr size_t kMostPieces = 200'000;
inline constexpr size_t kMostBoxes = 4'096;
inline constexpr size_t kMostRules = 20'000;
inline constexpr size_t kMostSets = 4'096;
inline constexpr size_t kMostMeters = 2'048;
inline constexpr size_t kMostComparisons = 100'000'000;

// The part of the allowance that is left while a policy is compiled.
class Allowance {
 public:
  enum class Kind { kSteps, kPieces, kBoxes, kRules, kMeters, kComparisons };

  // Subtracts what a mapping costs. Returns false if too little is left; the caller must then stop.
  bool Take(Kind kind, size_t count, const v1::Mapping& mapping);
  bool exhausted() const { return !status_.ok(); }
  // Returns ResourceExhausted for too many sets, with the mapping that took most pieces.
  absl::Status TooManySets() const;

  // OK, or ResourceExhausted. The error names the mapping that took most, in its message and in its
  // payload kFaultyMapping.
  const absl::Status& status() const { return status_; }

 private:
  struct Account {
    size_t left;
    absl::flat_hash_map<const v1::Mapping*, size_t> taken;
  };
  absl::Status Complain(const Account& account, const std::string& complaint) const;

  Account accounts_[6] = {{kMostSteps, {}}, {kMostPieces, {}}, {kMostBoxes, {}},
                          {kMostRules, {}}, {kMostMeters, {}}, {kMostComparisons, {}}};
  absl::Status status_;
};

inline constexpr absl::string_view kFaultyMapping = "firebreak.mapping";
// Returns a text such as "Policy/laptops, mapping ssh"; empty if the error is not about a mapping.
std::string MappingAtFault(const absl::Status& status);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_ALLOWANCE_H_
