#ifndef FIREBREAK_PROTO_ENDPOINT_ENDPOINT_H_
#define FIREBREAK_PROTO_ENDPOINT_ENDPOINT_H_

#include <cstddef>
#include <string>

namespace firebreak {

// What both ends of every Firebreak connection agree on.

// The name in the controller's certificate. Clients verify this name, not the address that they
// dial: only the fleet's CA gives it out, and only to controllers.
inline constexpr char kControllerTlsName[] = "controller.firebreak";

// Roles, as the URI in a certificate's subject alternative name: the prefix, then a name.
inline constexpr char kHostUriPrefix[] = "firebreak://host/";
inline constexpr char kAdminUriPrefix[] = "firebreak://admin/";
inline constexpr char kControllerUri[] = "firebreak://controller/";

// The largest message either side takes, in bytes. An effective policy of 100,000 mappings fits.
inline constexpr int kMaxMessageBytes = 16 << 20;

// The largest report of a host, in bytes: anything that it sends but an answer.
inline constexpr size_t kMaxReportBytes = 256 << 10;

// The largest metadata, in bytes. A refused file's errors, up to 1,000 of them, travel there.
inline constexpr int kMaxMetadataBytes = 1 << 20;

// A host sends at most this many parts of an answer, each of at most so many bytes, that whoever
// asked has not taken: so a long answer costs neither the host nor the controller more.
inline constexpr int kAnswerWindow = 8;
inline constexpr int kAnswerPartBytes = 64 << 10;

// Agents ping an idle connection this often and give it up when a ping goes unanswered this long.
// The controller allows pings twice as often.
inline constexpr int kKeepaliveMillis = 20'000;
inline constexpr int kKeepaliveTimeoutMillis = 10'000;

// The longest pause that a busy controller may ask for before a host proves its reach again.
inline constexpr int kMaxReachRetryMillis = 60'000;

// Makes every gRPC channel and server of this process refuse anything below TLS 1.3. Call it
// first in main, before gRPC starts. Also turns off Abseil's mutex deadlock detection, which
// Debian's build has on and which doubles the cost of a push.
void PrepareProcess();

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_ENDPOINT_ENDPOINT_H_
