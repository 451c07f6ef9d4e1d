#ifndef FIREBREAK_CONTROLLER_IDENTITY_BUILT_IN_SERVICES_GATE_H_
#define FIREBREAK_CONTROLLER_IDENTITY_BUILT_IN_SERVICES_GATE_H_

#include <grpcpp/security/auth_metadata_processor.h>

#include "controller/identity/gatekeeper.h"

namespace firebreak::controller {

// Keeps callers without a valid certificate from gRPC's own services (health, reflection), which
// ask nobody. Firebreak's services ask the Gatekeeper themselves. Thread-safe.
class BuiltInServicesGate : public grpc::AuthMetadataProcessor {
 public:
  // `gatekeeper` must outlive the server.
  explicit BuiltInServicesGate(const Gatekeeper& gatekeeper) : gatekeeper_(gatekeeper) {}

  // The check takes microseconds, and no thread of its own.
  bool IsBlocking() const override { return false; }
  grpc::Status Process(const InputMetadata& auth_metadata, grpc::AuthContext* context,
                       OutputMetadata* consumed_auth_metadata,
                       OutputMetadata* response_metadata) override;

 private:
  const Gatekeeper& gatekeeper_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_IDENTITY_BUILT_IN_SERVICES_GATE_H_
