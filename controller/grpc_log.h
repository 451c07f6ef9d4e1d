#ifndef FIREBREAK_CONTROLLER_GRPC_LOG_H_
#define FIREBREAK_CONTROLLER_GRPC_LOG_H_

namespace firebreak::controller {

// Sends gRPC's own complaints to the program's log. Strangers can cause them (failed handshakes),
// so only so many are written in a while, and the others are counted.
void LogGrpcHere();

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_GRPC_LOG_H_
