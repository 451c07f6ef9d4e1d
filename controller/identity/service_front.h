// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_IDENTITY_SERVICE_FRONT_H_
#define FIREBREAK_CONTROLLER_IDENTITY_SERVICE_FRONT_H_

#include <grpcpp/impl/service_type.h>

#include <list>
#include <string>

#include "controller/identity/gatekeeper.h"
#include "controller/identity/method_access.h"
#include "controller/identity/unfinished_requests.h"

namespace firebreak::controller {

// Stands before one of Firebreak's services and enforces what the proto says of each method
// (MethodAccess). By itself, gRPC reads the request of a call before it asks the service, so that
// one bad client could make the controller hold any number of long messages that never end. This
// reads it only if the caller has the method's role and is in the fleet still, and within the
// method's limits of size and time. Others the service refuses, with its reason and on record, as
// if they had sent an empty request.
class ServiceFront final : public grpc::Service {
 public:
  // `name` is the service's full name; callbacks serve all its methods, none of which takes a
  // stream from the client. What is referred to must outlive the server.
  ServiceFront(const char* name, grpc::Service& service, const Gatekeeper& gatekeeper,
               UnfinishedRequests& unfinished);

 private:
  std::list<std::string> paths_;  // of the methods, which only point to them
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_IDENTITY_SERVICE_FRONT_H_
