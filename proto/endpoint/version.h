// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_ENDPOINT_VERSION_H_
#define FIREBREAK_PROTO_ENDPOINT_VERSION_H_

namespace firebreak {

// The version of all programs, which are released together.
inline constexpr char kVersion[] = "0.1.0";

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_ENDPOINT_VERSION_H_
