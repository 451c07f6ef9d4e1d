#ifndef FIREBREAK_POLICY_RESOURCES_SERVICE_CATALOGUE_H_
#define FIREBREAK_POLICY_RESOURCES_SERVICE_CATALOGUE_H_

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/resources.pb.h"

namespace firebreak::policy {

// A service that ships with the product: operators need not, and cannot, define it.
struct BuiltInService {
  absl::string_view name;
  absl::string_view description;
  absl::string_view ports;  // as in Service.ports, with spaces between
};

// By name.
std::span<const BuiltInService> BuiltInServices();

// Null if there is none.
const BuiltInService* FindBuiltInService(absl::string_view name);

// One of Service.ports: "tcp/443", "udp/27000-27050" or "esp". InvalidArgument with the reason.
absl::StatusOr<v1::PortRange> ParseServicePort(absl::string_view text);

// What a service opens.
std::vector<v1::PortRange> PortsOf(const BuiltInService& service);
// Leaves out what ParseServicePort refuses, of which there is none in a checked resource.
std::vector<v1::PortRange> PortsOf(const v1::Service& service);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_SERVICE_CATALOGUE_H_
