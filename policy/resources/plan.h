// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_PLAN_H_
#define FIREBREAK_POLICY_RESOURCES_PLAN_H_

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "policy/resources/configuration.h"
#include "policy/resources/problem.h"

namespace firebreak::policy {

struct SourceFile {
  std::string name;  // as the user wrote it; for messages only
  std::string text;  // YAML or JSON
};

struct Change {
  enum class Kind { kCreated, kUpdated, kDeleted, kUnchanged };
  Kind kind = Kind::kUnchanged;
  std::string resource;  // "Policy/laptops"

  friend bool operator==(const Change&, const Change&) = default;
};

// The result of a request: a checked configuration, or everything that is wrong with the request.
struct Plan {
  Configuration next;                  // the current one if there are problems
  std::vector<Change> changes;         // one for each resource of the request, in order
  std::vector<Problem> problems;       // in the order of the text; empty: success
  std::vector<Problem> warnings = {};  // accepted, but may be mistakes

  bool ok() const { return problems.empty(); }
  // Whether `next` differs from the current configuration.
  bool changed() const;
};

// The set of resources that a request's files make up. A resource belongs to the set that applied
// it last.
struct FileSet {
  std::string name;    // empty: no set; resources keep the sets they have
  bool prune = false;  // delete the set's resources that no file contains
};

// Adds the resources of all files, or replaces existing ones with the same names. Other resources
// stay, unless `set` prunes them. `hosts` are the names allowed in "host:NAME". The mappings of a
// changed resource must expire after `now`, in seconds since 1970; with 0 they may have expired.
Plan PlanApply(const Configuration& current, std::span<const SourceFile> files,
               const std::set<std::string>& hosts, const FileSet& set = {}, int64_t now = 0);

// Plans a deletion; refuses if other resources refer to the resource. The case of `kind` does not
// matter.
Plan PlanDelete(const Configuration& current, absl::string_view kind, absl::string_view name);

// Returns the differences: first resources that exist after the change, then deleted ones, each
// sorted by key.
std::vector<Change> ChangesBetween(const Configuration& before, const Configuration& after);

// Replaces the current configuration with `wanted`, an earlier one. What differs is checked as if
// it were new; the file in a problem is then the resource's key.
Plan PlanReplace(const Configuration& current, const Configuration& wanted,
                 const std::set<std::string>& hosts);

// Returns the resource's YAML before and after the change, with "+", "-" or " " in front of each
// line, as in v1::Change.diff. Costs time, because both are written out, so call it only for a user
// who asked.
std::string DiffOf(const Configuration& before, const Configuration& after,
                   absl::string_view resource);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_PLAN_H_
