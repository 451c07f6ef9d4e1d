// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_ENDPOINT_ENROLMENT_H_
#define FIREBREAK_PROTO_ENDPOINT_ENROLMENT_H_

#include <cstddef>

namespace firebreak {

// Names and limits on which both ends of an enrolment agree: see enrolment.proto.

inline constexpr char kEnrolmentAlpn[] = "firebreak-enrol/1";
// The ALPN name of all other connections to the controller.
inline constexpr char kHttp2Alpn[] = "h2";

inline constexpr size_t kMaxEnrolRequestBytes = 16 << 10;
inline constexpr size_t kMaxEnrolAnswerBytes = 64 << 10;

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_ENDPOINT_ENROLMENT_H_
