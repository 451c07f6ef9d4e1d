// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_SERVICE_CATALOGUE_H_
#define FIREBREAK_POLICY_RESOURCES_SERVICE_CATALOGUE_H_

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/resources.pb.h"

namespace firebreak::policy {

// A service that ships with the product. Operators need not define it, and cannot.
struct BuiltInService {
  absl::string_view name;
  absl::string_view description;
  absl::string_view ports;  // in the form of Service.ports, separated by spaces
};

// Returns the services by name.
std::span<const BuiltInService> BuiltInServices();

// Returns null if there is no such service.
const BuiltInService* FindBuiltInService(absl::string_view name);

// Parses an item of Service.ports: "tcp/443", "udp/27000-27050" or "esp". InvalidArgument gives the
// reason.
absl::StatusOr<v1::PortRange> ParseServicePort(absl::string_view text);

// Returns the ports that a service opens.
std::vector<v1::PortRange> PortsOf(const BuiltInService& service);
// Leaves out items that ParseServicePort refuses; a checked resource has none.
std::vector<v1::PortRange> PortsOf(const v1::Service& service);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_SERVICE_CATALOGUE_H_
