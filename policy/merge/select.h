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

// Tells which policies are for which hosts, in one configuration. Immutable after construction,
// so any thread may ask.
class Selector {
 public:
  using Labels = std::map<std::string, std::string>;

  explicit Selector(Configuration configuration);

  Selector(const Selector&) = delete;
  Selector& operator=(const Selector&) = delete;

  // Names of the groups that the host is in: `all` first, then those with matching labels by name.
  // "host:NAME" goes without saying.
  std::vector<std::string> GroupsOf(const Labels& labels) const;

  // The policies of the configuration, and for each edit the policy that does what it says
  // (edit.h): the edits first, by their rank, then by priority (higher first), then by name. They
  // live as long as this.
  const std::vector<const v1::Policy*>& policies() const { return policies_; }

  // The policies that are for the host, in the same order.
  std::vector<const v1::Policy*> Select(absl::string_view host, const Labels& labels) const;

  // Whether a policy names this very host ("host:NAME"). If none does, hosts with the same labels
  // have the same policies.
  bool IsNamed(absl::string_view host) const { return by_host_.contains(host); }

  // The same string exactly for the same policies: hosts that share it share their effective
  // policy. Empty: no policy, the host is unmanaged.
  static std::string KeyOf(const std::vector<const v1::Policy*>& selection);

  const Configuration& configuration() const { return configuration_; }

 private:
  const Configuration configuration_;
  std::deque<v1::Policy> edits_;
  std::vector<const v1::Policy*> policies_;  // in order
  void IndexGroups();

  // Places in `policies_`, ascending, by the group or the host that a policy names; and groups by
  // one of the labels that they ask for. The texts are the configuration's.
  using LabelView = std::pair<absl::string_view, absl::string_view>;
  using Places = absl::flat_hash_map<absl::string_view, std::vector<size_t>>;
  Places by_group_, by_host_;
  absl::flat_hash_map<LabelView, std::vector<const v1::Group*>> by_label_;
  std::vector<const v1::Group*> for_all_;  // those that ask for none
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_SELECT_H_
