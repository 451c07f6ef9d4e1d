#ifndef FIREBREAK_CONTROLLER_IDENTITY_SERVICE_FRONT_H_
#define FIREBREAK_CONTROLLER_IDENTITY_SERVICE_FRONT_H_

#include <grpcpp/impl/service_type.h>

#include <list>
#include <string>

#include "controller/identity/gatekeeper.h"
#include "controller/identity/strangers_messages.h"

namespace firebreak::controller {

// Stands before one of Firebreak's services. By itself, gRPC reads the request of a call before it
// asks the service, so that anybody could make the controller hold any number of long messages that
// never end. This reads it only if the caller has a valid certificate. Others the service refuses,
// with its reason and on record, as if they had sent an empty request; only Enrol, which is for
// them, reads theirs, within the limits of StrangersMessages.
class ServiceFront final : public grpc::Service {
 public:
  // `name` is the service's full name; callbacks serve all its methods. What is referred to must
  // outlive the server.
  ServiceFront(const char* name, grpc::Service& service, const Gatekeeper& gatekeeper,
               StrangersMessages& strangers);

 private:
  std::list<std::string> paths_;  // of the methods, which only point to them
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_IDENTITY_SERVICE_FRONT_H_
