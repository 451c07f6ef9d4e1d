// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_IDENTITY_OTHER_METHODS_H_
#define FIREBREAK_CONTROLLER_IDENTITY_OTHER_METHODS_H_

#include <grpcpp/generic/async_generic_service.h>

#include "controller/identity/gatekeeper.h"

namespace firebreak::controller {

// What an administrator calls that gRPC does not serve. Hosts' methods are refused on record,
// others do not exist. `gatekeeper` must outlive it. Thread-safe.
class OtherMethods final : public grpc::CallbackGenericService {
 public:
  explicit OtherMethods(const Gatekeeper& gatekeeper) : gatekeeper_(gatekeeper) {}

 private:
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override;

  const Gatekeeper& gatekeeper_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_IDENTITY_OTHER_METHODS_H_
