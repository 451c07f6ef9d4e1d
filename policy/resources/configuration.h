// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_CONFIGURATION_H_
#define FIREBREAK_POLICY_RESOURCES_CONFIGURATION_H_

#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "firebreak/v1/resources.pb.h"

namespace firebreak::policy {

// One state of a fleet's resources. A copy shares them, so it is cheap, and a copy that another
// thread reads is safe from changes to this one.
class Configuration {
 public:
  // By key, as in "Policy/laptops".
  using Resources = std::map<std::string, std::shared_ptr<const v1::Resource>>;

  const Resources& resources() const { return resources_; }

  // Null if there is none.
  const v1::Resource* Find(absl::string_view key) const;
  const v1::Group* FindGroup(absl::string_view name) const;
  const v1::Policy* FindPolicy(absl::string_view name) const;
  const v1::Service* FindService(absl::string_view name) const;  // operators' own only
  const v1::Location* FindLocation(absl::string_view name) const;
  const v1::RolloutStrategy* FindRolloutStrategy(absl::string_view name) const;
  const v1::Probe* FindProbe(absl::string_view name) const;

  // Replaces the one of the same kind and name. The resource must have both.
  void Put(v1::Resource resource);
  void Remove(absl::string_view key);

  // Whether all resources say the same.
  friend bool operator==(const Configuration& a, const Configuration& b);

 private:
  Resources resources_;
};

// "Policy"; empty if the resource is of no kind.
absl::string_view KindOf(const v1::Resource& resource);
absl::string_view NameOf(const v1::Resource& resource);
// "Policy/laptops".
std::string KeyOf(const v1::Resource& resource);
std::string KeyOf(absl::string_view kind, absl::string_view name);

// Its bytes, the same for resources that say the same.
std::string Serialize(const v1::Resource& resource);

// Whether both say the same.
bool SameResource(const v1::Resource& a, const v1::Resource& b);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_CONFIGURATION_H_
