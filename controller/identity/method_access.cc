// SPDX-License-Identifier: Apache-2.0
#include "controller/identity/method_access.h"

#include "absl/strings/ascii.h"
#include "firebreak/v1/access.pb.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::controller {
namespace {

constexpr absl::Duration kMaxTime = absl::Minutes(1);

Role RoleOf(v1::Access::Role role) { return role == v1::Access::host ? Role::kHost : Role::kAdmin; }

}  // namespace

MethodAccess AccessTo(const google::protobuf::MethodDescriptor& method) {
  const v1::Access& access = method.options().GetExtension(v1::access);
  return {.role = RoleOf(access.role()),
          .max_request_bytes = access.request_kib() == 0 ? static_cast<size_t>(kMaxMessageBytes)
                                                         : size_t{access.request_kib()} << 10,
          .max_request_time =
              access.request_seconds() == 0 ? kMaxTime : absl::Seconds(access.request_seconds())};
}

std::string ActionOf(const google::protobuf::MethodDescriptor& method) {
  std::string action;
  for (const char character : method.name()) {
    if (absl::ascii_isupper(static_cast<unsigned char>(character)) && !action.empty()) {
      action += ' ';
    }
    action += absl::ascii_tolower(static_cast<unsigned char>(character));
  }
  return action;
}

}  // namespace firebreak::controller
