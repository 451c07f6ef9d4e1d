// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_SELECT_H_
#define FIREBREAK_POLICY_MERGE_SELECT_H_

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// Tells which policies of a configuration apply to which hosts. Immutable after construction, so
// any thread may call it.
class Selector {
 public:
  using Labels = std::map<std::string, std::string>;

  explicit Selector(Configuration configuration);

  Selector(const Selector&) = delete;
  Selector& operator=(const Selector&) = delete;

  // Returns the names of the host's groups: `all` first, then the groups whose labels match, sorted
  // by name. The implicit group "host:NAME" is not included.
  std::vector<std::string> GroupsOf(const Labels& labels) const;

  // The configuration's policies, and for each edit the policy that has its effect (edit.h). Edits
  // come first, by rank; policies follow by priority, highest first, then by name. The pointers
  // live as long as this object.
  const std::vector<const v1::Policy*>& policies() const { return policies_; }

  // Returns the policies that apply to the host, in the same order.
  std::vector<const v1::Policy*> Select(absl::string_view host, const Labels& labels) const;

  // Whether a policy names this host ("host:NAME"). Hosts that no policy names and that have the
  // same labels have the same policies.
  bool IsNamed(absl::string_view host) const { return by_host_.contains(host); }

  // Returns a text that is equal exactly for equal selections, so hosts with the same key share one
  // effective policy. It is empty if the selection is empty, that is, for an unmanaged host.
  static std::string KeyOf(const std::vector<const v1::Policy*>& selection);

  const Configuration& configuration() const { return configuration_; }

 private:
  const Configuration configuration_;
  std::deque<v1::Policy> edits_;
  std::vector<const v1::Policy*> policies_;  // in order
  void IndexGroups();

  // Indices into `policies_`, ascending, by the group or host that a policy names; and groups by
  // one of the labels that they require. The texts belong to the configuration.
  using LabelView = std::pair<absl::string_view, absl::string_view>;
  using Places = absl::flat_hash_map<absl::string_view, std::vector<size_t>>;
  Places by_group_, by_host_;
  absl::flat_hash_map<LabelView, std::vector<const v1::Group*>> by_label_;
  std::vector<const v1::Group*> for_all_;  // groups that require no label
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_SELECT_H_
