// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_ENDPOINT_ENDPOINT_H_
#define FIREBREAK_PROTO_ENDPOINT_ENDPOINT_H_

#include <cstddef>
#include <string>

namespace firebreak {

// Names and limits on which both ends of every Firebreak connection agree.

// The name in the controller's certificate. Clients verify this name, not the address that they
// connect to: only the fleet's CA issues it, and only to controllers.
inline constexpr char kControllerTlsName[] = "controller.firebreak";

// The role of a certificate's owner is a URI in the subject alternative name: one of these
// prefixes, then a name.
inline constexpr char kHostUriPrefix[] = "firebreak://host/";
inline constexpr char kAdminUriPrefix[] = "firebreak://admin/";
inline constexpr char kControllerUri[] = "firebreak://controller/";

// The largest message that either side accepts, in bytes. An effective policy of 100,000 mappings
// fits.
inline constexpr int kMaxMessageBytes = 16 << 20;

// The largest report of a host, in bytes: any message that it sends except an answer.
inline constexpr size_t kMaxReportBytes = 256 << 10;

// The largest gRPC metadata, in bytes. The errors of a refused file, up to 1,000, are sent as
// metadata.
inline constexpr int kMaxMetadataBytes = 1 << 20;

// A host sends at most this many parts of an answer, each of at most kAnswerPartBytes, before the
// asker has taken them, so that a long answer needs no more memory on the host and the controller.
inline constexpr int kAnswerWindow = 8;
inline constexpr int kAnswerPartBytes = 64 << 10;

// Agents ping an idle connection this often, and give it up if a ping is not answered for this
// long. The controller allows pings twice as often.
inline constexpr int kKeepaliveMillis = 20'000;
inline constexpr int kKeepaliveTimeoutMillis = 10'000;

// The longest pause that a busy controller may ask for before a host proves its reach again.
inline constexpr int kMaxReachRetryMillis = 60'000;

// Makes every gRPC channel and server of this process refuse TLS versions below 1.3. Call this
// first in main, before gRPC starts. Also turns off Abseil's mutex deadlock detection, which
// Debian's build has on and which doubles the cost of a push.
void PrepareProcess();

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_ENDPOINT_ENDPOINT_H_
