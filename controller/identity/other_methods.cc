// SPDX-License-Identifier: Apache-2.0
#include "controller/identity/other_methods.h"

#include <google/protobuf/descriptor.h>

#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "controller/identity/grpc_status.h"
#include "controller/identity/method_access.h"

namespace firebreak::controller {
namespace {

// Ends a call with a status as it begins.
class Refusing final : public grpc::ServerGenericBidiReactor {
 public:
  explicit Refusing(const absl::Status& status) { Finish(ToGrpc(status)); }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerGenericBidiReactor* OtherMethods::CreateReactor(
    grpc::GenericCallbackServerContext* context) {
  absl::string_view path = context->method();
  absl::ConsumePrefix(&path, "/");
  // "firebreak.v1.Fleet/Reach" is called firebreak.v1.Fleet.Reach in the proto.
  const auto* method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      absl::StrReplaceAll(path, {{"/", "."}}));
  absl::Status status = absl::UnimplementedError("no such method");
  if (method != nullptr) {
    const auto caller = gatekeeper_.Admit(*context, AccessTo(*method).role, ActionOf(*method));
    if (!caller.ok()) status = caller.status();
  }
  return new Refusing(status);
}

}  // namespace firebreak::controller
