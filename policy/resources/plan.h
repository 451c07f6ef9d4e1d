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

// What a request comes to: a configuration that is checked, or everything that is wrong with it.
struct Plan {
  Configuration next;                  // the current one if there are problems
  std::vector<Change> changes;         // one for each resource in the request, in its order
  std::vector<Problem> problems;       // in the order of the text; empty: the plan is good
  std::vector<Problem> warnings = {};  // what is accepted, but may be a mistake

  bool ok() const { return problems.empty(); }
  // Whether `next` differs from the current configuration.
  bool changed() const;
};

// The set of resources that files are. A resource belongs to the set that applied it last.
struct FileSet {
  std::string name;    // empty: none; resources stay in the sets that they are in
  bool prune = false;  // delete what belongs to it and is not in the files
};

// Puts the resources of all files in place of those of the same names; leaves the others, but for
// what `set` says. `hosts` are the names that "host:NAME" may stand for. A mapping of a resource
// that changes must expire after `now`, in seconds since 1970; 0: at any time.
Plan PlanApply(const Configuration& current, std::span<const SourceFile> files,
               const std::set<std::string>& hosts, const FileSet& set = {}, int64_t now = 0);

// Refuses to delete what others refer to. `kind` in any case: "policy", "Policy".
Plan PlanDelete(const Configuration& current, absl::string_view kind, absl::string_view name);

// What differs, first what there is after and then what is gone, each by key.
std::vector<Change> ChangesBetween(const Configuration& before, const Configuration& after);

// All of `wanted`, an earlier configuration, in place of the current one. What differs is checked
// as if it were new; a problem's file is then the resource's key.
Plan PlanReplace(const Configuration& current, const Configuration& wanted,
                 const std::set<std::string>& hosts);

// The resource's YAML before and after, line by line with "+", "-" or " " in front, as in
// v1::Change.diff. Costs the writing of both, so it is made only when asked for.
std::string DiffOf(const Configuration& before, const Configuration& after,
                   absl::string_view resource);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_PLAN_H_
