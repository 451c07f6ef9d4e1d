// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/configuration.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace firebreak::policy {
const v1::Resource* Configuration::Find(absl::string_view key) const {
  const auto found = resources_.find(std::string(key));
  return found == resources_.end() ? nullptr : found->second.get();
}

const v1::Group* Configuration::FindGroup(absl::string_view name) const {
  const v1::Resource* resource = Find(policy::KeyOf("Group", name));
  return resource == nullptr ? nullptr : &resource->group();
}

const v1::Policy* Configuration::FindPolicy(absl::string_view name) const {
  const v1::Resource* resource = Find(policy::KeyOf("Policy", name));
  return resource == nullptr ? nullptr : &resource->policy();
}

const v1::Service* Configuration::FindService(absl::string_view name) const {
  const v1::Resource* resource = Find(policy::KeyOf("Service", name));
  return resource == nullptr ? nullptr : &resource->service();
}

const v1::Location* Configuration::FindLocation(absl::string_view name) const {
  const v1::Resource* resource = Find(policy::KeyOf("Location", name));
  return resource == nullptr ? nullptr : &resource->location();
}

const v1::RolloutStrategy* Configuration::FindRolloutStrategy(absl::string_view name) const {
  const v1::Resource* resource = Find(policy::KeyOf("RolloutStrategy", name));
  return resource == nullptr ? nullptr : &resource->rollout_strategy();
}

const v1::Probe* Configuration::FindProbe(absl::string_view name) const {
  const v1::Resource* resource = Find(policy::KeyOf("Probe", name));
  return resource == nullptr ? nullptr : &resource->probe();
}

void Configuration::Put(v1::Resource resource) {
  std::string key = policy::KeyOf(resource);
  resources_[std::move(key)] = std::make_shared<const v1::Resource>(std::move(resource));
}

void Configuration::Remove(absl::string_view key) { resources_.erase(std::string(key)); }

bool operator==(const Configuration& a, const Configuration& b) {
  return std::equal(a.resources_.begin(), a.resources_.end(), b.resources_.begin(),
                    b.resources_.end(), [](const auto& one, const auto& other) {
                      return one.first == other.first && (one.second == other.second ||
                                                          SameResource(*one.second, *other.second));
                    });
}

absl::string_view KindOf(const v1::Resource& resource) {
  switch (resource.kind_case()) {
    case v1::Resource::kGroup: return "Group";
    case v1::Resource::kPolicy: return "Policy";
    case v1::Resource::kService: return "Service";
    case v1::Resource::kLocation: return "Location";
    case v1::Resource::kEdit: return "Edit";
    case v1::Resource::kInvariant: return "Invariant";
    case v1::Resource::kRolloutStrategy: return "RolloutStrategy";
    case v1::Resource::kProbe: return "Probe";
    case v1::Resource::KIND_NOT_SET: break;
  }
  return "";
}

absl::string_view NameOf(const v1::Resource& resource) {
  switch (resource.kind_case()) {
    case v1::Resource::kGroup: return resource.group().name();
    case v1::Resource::kPolicy: return resource.policy().name();
    case v1::Resource::kService: return resource.service().name();
    case v1::Resource::kLocation: return resource.location().name();
    case v1::Resource::kEdit: return resource.edit().name();
    case v1::Resource::kInvariant: return resource.invariant().name();
    case v1::Resource::kRolloutStrategy: return resource.rollout_strategy().name();
    case v1::Resource::kProbe: return resource.probe().name();
    case v1::Resource::KIND_NOT_SET: break;
  }
  return "";
}

std::string KeyOf(const v1::Resource& resource) {
  return KeyOf(KindOf(resource), NameOf(resource));
}

std::string KeyOf(absl::string_view kind, absl::string_view name) {
  return absl::StrCat(kind, "/", name);
}

std::string Serialize(const v1::Resource& resource) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);  // Group.match is a map without order
  resource.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

bool SameResource(const v1::Resource& a, const v1::Resource& b) {
  return Serialize(a) == Serialize(b);
}

}  // namespace firebreak::policy
