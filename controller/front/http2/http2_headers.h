// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_HTTP2_HTTP2_HEADERS_H_
#define FIREBREAK_CONTROLLER_FRONT_HTTP2_HTTP2_HEADERS_H_

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "controller/front/http2/grpc_wire.h"

namespace firebreak::controller {

// A header for nghttp2, which copies the texts when the header is submitted.
inline nghttp2_nv Header(absl::string_view name, absl::string_view value) {
  const auto bytes = [](absl::string_view text) {
    return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

inline absl::string_view Text(const uint8_t* bytes, size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// The headers that tell how a call ended, with the texts that they point to.
class StatusHeaders {
 public:
  explicit StatusHeaders(const absl::Status& status)
      : code_(absl::StrCat(static_cast<int>(status.code()))),
        message_(
            PercentEncoded(absl::string_view(status.message().data(), status.message().size()))) {}

  void AppendTo(std::vector<nghttp2_nv>& headers) const {
    headers.push_back(Header("grpc-status", code_));
    if (!message_.empty()) headers.push_back(Header("grpc-message", message_));
  }

 private:
  const std::string code_;
  const std::string message_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_HTTP2_HTTP2_HEADERS_H_
