#ifndef FIREBREAK_CONTROLLER_LEAN_TLS_H_
#define FIREBREAK_CONTROLLER_LEAN_TLS_H_

namespace firebreak::controller {

// Lets every TLS connection that this process opens or accepts from now on do without what nobody
// here uses, and what gRPC 1.51 has no settings for: session tickets, which cost the server about a
// quarter of a handshake, and the buffers of connections that are idle, about 33 KB each.
// False if OpenSSL refuses, as it does for want of memory only: nothing is changed then.
bool MakeTlsLean();

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LEAN_TLS_H_
