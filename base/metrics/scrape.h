#ifndef FIREBREAK_BASE_METRICS_SCRAPE_H_
#define FIREBREAK_BASE_METRICS_SCRAPE_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak {

// The largest request that is read; Prometheus's is a few hundred bytes.
inline constexpr size_t kMaxScrapeRequestBytes = 8 << 10;

// The whole response, HTTP/1.1, to what has come of a request; after it the connection is closed.
// None: the request is not all there yet. Only `GET /metrics` gets `metrics`.
std::optional<std::string> RespondToScrape(absl::string_view request,
                                           const std::function<std::string()>& metrics);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_METRICS_SCRAPE_H_
