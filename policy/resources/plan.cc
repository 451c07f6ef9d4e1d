// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/plan.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "policy/resources/check.h"
#include "policy/resources/findings.h"
#include "policy/resources/line_diff.h"
#include "policy/resources/names.h"
#include "policy/resources/read.h"
#include "policy/resources/uses.h"
#include "policy/resources/write.h"

namespace firebreak::policy {
namespace {

bool Same(const v1::Resource* a, const v1::Resource* b) {
  return a == b || (a != nullptr && b != nullptr && SameResource(*a, *b));
}

// Returns the problems that a check of an unchanged resource would find.
std::vector<std::string> ReasonsAgainst(const v1::Resource& resource,
                                        const References& references) {
  std::vector<Problem> problems;
  Findings findings("", nullptr, problems);
  CheckResource(resource, references, findings);
  std::vector<std::string> reasons;
  reasons.reserve(problems.size());
  for (Problem& problem : problems) reasons.push_back(std::move(problem.reason));
  return reasons;
}

class Application {
 public:
  Application(const Configuration& current, const std::set<std::string>& hosts, const FileSet& set,
              int64_t now)
      : current_(current), hosts_(hosts), set_(set), now_(now), next_(current) {}

  Plan Make(std::span<const SourceFile> files) && {
    file_order_.emplace("", 0);  // for problems that are in no file
    // Reads everything first, because the order of files and documents has no meaning.
    for (const SourceFile& file : files) {
      file_order_.try_emplace(file.name, file_order_.size());
      for (ReadResource& read : ReadResources(file.name, file.text, problems_)) {
        resources_.push_back(std::move(read));
      }
    }
    CheckSet();
    Put();
    if (set_.prune && !set_.name.empty()) Prune();
    const References references = {next_, hosts_, /*now=*/0};
    for (const ReadResource& read : resources_) {
      Findings findings(read.file, &read.source, problems_, &warnings_);
      const v1::Resource* before = current_.Find(KeyOf(read.resource));
      const bool changes = before == nullptr || !SameResource(*before, read.resource);
      CheckResource(read.resource, {next_, hosts_, changes ? now_ : 0}, findings);
    }
    CheckUsersOfServices(references);
    return Finish();
  }

 private:
  void Put() {
    absl::flat_hash_map<std::string, const ReadResource*> first_of_key;
    for (ReadResource& read : resources_) {
      if (NameOf(read.resource).empty()) continue;
      const std::string key = KeyOf(read.resource);
      const auto [found, inserted] = first_of_key.emplace(key, &read);
      if (!inserted) {
        const ReadResource& first = *found->second;
        Findings(read.file, &read.source, problems_)
            .Add(FieldPath(FieldPath(), "name"),
                 absl::StrCat(key, " is there twice, first in ", first.file, " on line ",
                              first.source.LineOf("name")));
        continue;
      }
      const v1::Resource* before = current_.Find(key);
      if (!set_.name.empty()) {
        read.resource.set_set(set_.name);
      } else if (before != nullptr) {
        read.resource.set_set(before->set());
      }
      Change::Kind kind = Change::Kind::kCreated;
      if (before != nullptr) {
        kind = SameResource(*before, read.resource) ? Change::Kind::kUnchanged
                                                    : Change::Kind::kUpdated;
      }
      changes_.push_back({kind, key});
      if (kind != Change::Kind::kUnchanged) next_.Put(read.resource);
    }
  }

  void CheckSet() {
    if (set_.name.empty() && !set_.prune) return;
    if (absl::Status status = CheckName(set_.name); !status.ok()) {
      problems_.push_back({"", 0, absl::StrCat("the name of the set: ", status.message())});
    }
  }

  // Deletes resources that belong to the set but are in none of the files.
  void Prune() {
    std::set<std::string> kept;
    for (const ReadResource& read : resources_) kept.insert(KeyOf(read.resource));
    std::set<std::string> gone;
    for (const auto& [key, resource] : current_.resources()) {
      if (resource->set() == set_.name && !kept.contains(key)) gone.insert(key);
    }
    for (const std::string& key : gone) {
      changes_.push_back({Change::Kind::kDeleted, key});
      for (const std::string& user : UsersOf(next_, key)) {
        if (gone.contains(user)) continue;
        problems_.push_back({"", 0,
                             absl::StrCat(key, " is in no file of the set ", Quoted(set_.name),
                                          " any more, but ", user, " uses it")});
      }
    }
    for (const std::string& key : gone) next_.Remove(key);
  }

  // A changed service may make a policy invalid that the request does not touch.
  void CheckUsersOfServices(const References& references) {
    for (const ReadResource& read : resources_) {
      if (!read.resource.has_service()) continue;
      const std::string key = KeyOf(read.resource);
      if (Same(current_.Find(key), next_.Find(key))) continue;
      Findings findings(read.file, &read.source, problems_);
      for (const std::string& user : UsersOf(next_, key)) {
        const v1::Resource* policy = next_.Find(user);
        if (!Same(policy, current_.Find(user))) continue;
        const std::vector<std::string> before = ReasonsAgainst(*policy, {current_, hosts_});
        for (const std::string& reason : ReasonsAgainst(*policy, references)) {
          if (std::find(before.begin(), before.end(), reason) != before.end()) continue;
          findings.Add(FieldPath(FieldPath(), "ports"),
                       absl::StrCat("with this service ", user, " would be refused: ", reason));
        }
      }
    }
  }

  Plan Finish() {
    if (problems_.empty()) {
      return {.next = std::move(next_),
              .changes = std::move(changes_),
              .problems = {},
              .warnings = std::move(warnings_)};
    }
    std::stable_sort(problems_.begin(), problems_.end(), [&](const Problem& a, const Problem& b) {
      const size_t file_a = file_order_.at(a.file), file_b = file_order_.at(b.file);
      return file_a != file_b ? file_a < file_b : a.line < b.line;
    });
    if (problems_.size() >= kMaxProblems) {
      problems_.push_back({problems_.back().file, 0, "there are more problems than these"});
    }
    return {.next = current_, .changes = {}, .problems = std::move(problems_)};
  }

  const Configuration& current_;
  const std::set<std::string>& hosts_;
  const FileSet& set_;
  const int64_t now_;
  Configuration next_;
  std::map<std::string, size_t> file_order_;
  std::vector<ReadResource> resources_;
  std::vector<Change> changes_;
  std::vector<Problem> problems_;
  std::vector<Problem> warnings_;
};

}  // namespace

bool Plan::changed() const {
  return std::any_of(changes.begin(), changes.end(),
                     [](const Change& change) { return change.kind != Change::Kind::kUnchanged; });
}

Plan PlanApply(const Configuration& current, std::span<const SourceFile> files,
               const std::set<std::string>& hosts, const FileSet& set, int64_t now) {
  return Application(current, hosts, set, now).Make(files);
}

std::string DiffOf(const Configuration& before, const Configuration& after,
                   absl::string_view resource) {
  const auto text = [&](const Configuration& configuration) {
    const v1::Resource* found = configuration.Find(resource);
    return found == nullptr ? std::string() : ToYaml(*found);
  };
  return LineDiff(text(before), text(after));
}

}  // namespace firebreak::policy
