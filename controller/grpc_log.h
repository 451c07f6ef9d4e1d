// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_GRPC_LOG_H_
#define FIREBREAK_CONTROLLER_GRPC_LOG_H_

namespace firebreak::controller {

// Sends gRPC's own messages to the program's log. Unauthenticated clients can cause such messages,
// for example by failed handshakes, so in each window only some are written, and the others are
// counted.
void LogGrpcHere();

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_GRPC_LOG_H_
