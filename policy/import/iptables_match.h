// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_IPTABLES_MATCH_H_
#define FIREBREAK_POLICY_IMPORT_IPTABLES_MATCH_H_

#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/import/match.h"

namespace firebreak::importer {

// Reads the matches of an iptables rule, option by option.
class IptablesMatch {
 public:
  IptablesMatch(bool v6, std::vector<std::string>& notes) : v6_(v6), notes_(notes) {}

  // Takes the option at the front of `words`, including a "!" before it. Returns how many words it
  // took, or 0 if the option is no match. InvalidArgument means that a policy cannot express the
  // match.
  absl::StatusOr<size_t> Take(std::span<const std::string> words);

  // Returns the matches taken. Options that depend on each other are combined here.
  absl::StatusOr<std::vector<Match>> Finish();

  const std::string& comment() const { return comment_; }

 private:
  // The options of the `recent` match.
  struct Recent {
    bool checks = false;
    uint64_t seconds = 0;
    uint64_t hits = 0;
  };

  absl::Status TakeAddress(bool source, const std::string& list, bool inverted);
  absl::Status TakeInterface(bool in, std::string name, bool inverted);
  absl::Status TakePorts(bool source, const std::string& list, bool inverted);
  absl::Status TakeStates(const std::string& list, bool inverted);
  absl::Status TakeFlags(const std::string& mask, const std::string& wanted, bool inverted);
  absl::Status TakeTypes(bool source, const std::string& list, bool inverted);
  absl::Status TakeOwner(bool user, const std::string& name, bool inverted);
  absl::Status TakeKind(const std::string& text, bool inverted);
  absl::StatusOr<size_t> TakeRate(const std::string& option, const std::string& value);
  absl::StatusOr<size_t> TakeRecent(const std::string& option, const std::string& value);

  const bool v6_;
  std::vector<std::string>& notes_;
  Match match_;
  std::string comment_;
  bool either_port_ = false;  // `--ports`: source or destination port
  Rate rate_;
  bool has_rate_ = false;
  bool by_port_ = false;  // the rate is counted for each port
  Recent recent_;
};

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_IPTABLES_MATCH_H_
