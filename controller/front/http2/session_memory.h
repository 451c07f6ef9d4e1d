// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_HTTP2_SESSION_MEMORY_H_
#define FIREBREAK_CONTROLLER_FRONT_HTTP2_SESSION_MEMORY_H_

#include <nghttp2/nghttp2.h>

namespace firebreak::controller {

// The memory of nghttp2's sessions. Each session has a buffer of 16 KiB for a frame, of which only
// the first bytes are ever used, as payloads are not copied into it. malloc would give it memory
// that others have written to before, all of which counts. Here it gets pages of its own, and the
// kernel gives memory for the first of them only: 11 KiB less for each connected host.
//
// Thread-safe. What is taken for such buffers is kept for later sessions.
nghttp2_mem SessionMemory();

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_HTTP2_SESSION_MEMORY_H_
