#include "controller/identity/built_in_services_gate.h"

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "controller/identity/grpc_status.h"

namespace firebreak::controller {

grpc::Status BuiltInServicesGate::Process(const InputMetadata& auth_metadata,
                                          grpc::AuthContext* context, OutputMetadata*,
                                          OutputMetadata*) {
  const auto path = auth_metadata.find(":path");
  if (path != auth_metadata.end() &&
      absl::StartsWith(absl::string_view(path->second.data(), path->second.size()),
                       "/firebreak.v1.")) {
    return grpc::Status::OK;
  }
  return ToGrpc(gatekeeper_.AdmitAny(*context, "built-in service").status());
}

}  // namespace firebreak::controller
