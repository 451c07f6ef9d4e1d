// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_METRICS_SCRAPE_H_
#define FIREBREAK_BASE_METRICS_SCRAPE_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak {

// The largest request that is read; Prometheus sends a few hundred bytes.
inline constexpr size_t kMaxScrapeRequestBytes = 8 << 10;

// Returns the whole HTTP/1.1 response to the bytes of a request received so far; the caller closes
// the connection after sending it. Returns nullopt while the request is incomplete. Only `GET
// /metrics` is answered with `metrics`.
std::optional<std::string> RespondToScrape(absl::string_view request,
                                           const std::function<std::string()>& metrics);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_METRICS_SCRAPE_H_
