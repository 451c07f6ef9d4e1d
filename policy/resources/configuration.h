// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_CONFIGURATION_H_
#define FIREBREAK_POLICY_RESOURCES_CONFIGURATION_H_

#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "firebreak/v1/resources.pb.h"

namespace firebreak::policy {

// One state of a fleet's resources. Copies share the resources, so copying is cheap, and another
// thread may read a copy while this object changes.
class Configuration {
 public:
  // Keyed by texts such as "Policy/laptops".
  using Resources = std::map<std::string, std::shared_ptr<const v1::Resource>>;

  const Resources& resources() const { return resources_; }

  // Return null if there is no such resource.
  const v1::Resource* Find(absl::string_view key) const;
  const v1::Group* FindGroup(absl::string_view name) const;
  const v1::Policy* FindPolicy(absl::string_view name) const;
  const v1::Service* FindService(absl::string_view name) const;  // only operators' own services
  const v1::Location* FindLocation(absl::string_view name) const;
  const v1::RolloutStrategy* FindRolloutStrategy(absl::string_view name) const;
  const v1::Probe* FindProbe(absl::string_view name) const;

  // Adds the resource, or replaces the one with the same kind and name. It must have both.
  void Put(v1::Resource resource);
  void Remove(absl::string_view key);

  // Whether both hold equal resources.
  friend bool operator==(const Configuration& a, const Configuration& b);

 private:
  Resources resources_;
};

// Returns a text such as "Policy"; empty if the resource has no kind.
absl::string_view KindOf(const v1::Resource& resource);
absl::string_view NameOf(const v1::Resource& resource);
// Returns a text such as "Policy/laptops".
std::string KeyOf(const v1::Resource& resource);
std::string KeyOf(absl::string_view kind, absl::string_view name);

// Returns bytes that are equal for equal resources.
std::string Serialize(const v1::Resource& resource);

// Whether the resources are equal.
bool SameResource(const v1::Resource& a, const v1::Resource& b);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_CONFIGURATION_H_
