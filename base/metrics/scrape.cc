// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/scrape.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace firebreak {
namespace {

std::string Response(absl::string_view status, absl::string_view type, absl::string_view body) {
  return absl::StrCat("HTTP/1.1 ", status, "\r\nContent-Type: ", type,
                      "\r\nContent-Length: ", body.size(), "\r\nConnection: close\r\n\r\n", body);
}

std::string Refusal(absl::string_view status) {
  return Response(status, "text/plain", absl::StrCat(status, "\n"));
}

}  // namespace

std::optional<std::string> RespondToScrape(absl::string_view request,
                                           const std::function<std::string()>& metrics) {
  const size_t end = request.find("\r\n\r\n");
  if (end == absl::string_view::npos) {
    if (request.size() < kMaxScrapeRequestBytes) return std::nullopt;
    return Refusal("431 Request Header Fields Too Large");
  }
  const absl::string_view line = request.substr(0, request.find("\r\n"));
  const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
  if (words.size() != 3 || !absl::StartsWith(words[2], "HTTP/1.")) {
    return Refusal("400 Bad Request");
  }
  if (words[0] != "GET") return Refusal("405 Method Not Allowed");
  const absl::string_view path = words[1].substr(0, words[1].find('?'));
  if (path != "/metrics") return Refusal("404 Not Found");
  return Response("200 OK", "text/plain; version=0.0.4; charset=utf-8", metrics());
}

}  // namespace firebreak
