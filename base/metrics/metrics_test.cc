// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/metrics/exposition.h"
#include "base/metrics/metrics_server.h"
#include "base/metrics/scrape.h"

namespace firebreak {
namespace {

std::string Respond(absl::string_view request) {
  return RespondToScrape(request, [] { return std::string("x 1\n"); }).value_or("");
}

TEST(Exposition, WritesFamilies) {
  Exposition metrics;
  metrics.Counter("drops_total", "What was dropped.");
  metrics.Sample(3, {{"reason", "uns\"ol\nicited\\"}});
  metrics.Gauge("streams", "Streams.", 2);
  EXPECT_EQ(std::move(metrics).Take(),
            "# HELP drops_total What was dropped.\n# TYPE drops_total counter\n"
            "drops_total{reason=\"uns\\\"ol\\nicited\\\\\"} 3\n"
            "# HELP streams Streams.\n# TYPE streams gauge\nstreams 2\n");
}

TEST(Exposition, BucketsOfAHistogramAddUp) {
  Histogram histogram;
  for (const int millis : {0, 1, 3, 700, 60'000}) histogram.Observe(absl::Milliseconds(millis));
  Exposition metrics;
  metrics.Of("latency_seconds", "Latency.", histogram);
  const std::string text = std::move(metrics).Take();
  for (const char* line :
       {"latency_seconds_bucket{le=\"0.001\"} 2\n", "latency_seconds_bucket{le=\"0.005\"} 3\n",
        "latency_seconds_bucket{le=\"1\"} 4\n", "latency_seconds_bucket{le=\"30\"} 4\n",
        "latency_seconds_bucket{le=\"+Inf\"} 5\n", "latency_seconds_count 5\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "in\n" << text;
  }
}

TEST(Scrape, OnlyMetricsAreServed) {
  EXPECT_NE(Respond("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").find("\r\n\r\nx 1\n"),
            std::string::npos);
  EXPECT_EQ(Respond("GET /metrics HTTP/1.1\r\nHost: x\r\n"), "");
  EXPECT_EQ(Respond("GET / HTTP/1.1\r\n\r\n").substr(9, 3), "404");
  EXPECT_EQ(Respond("POST /metrics HTTP/1.1\r\n\r\n").substr(9, 3), "405");
  EXPECT_EQ(Respond("nonsense\r\n\r\n").substr(9, 3), "400");
  EXPECT_EQ(Respond(std::string(kMaxScrapeRequestBytes, 'x')).substr(9, 3), "431");
}

TEST(MetricsServer, IsForThisHostOnly) {
  for (const char* address : {"0.0.0.0:9465", "10.0.0.1:9465", "[::]:9465", "127.0.0.1", ":9465",
                              "127.0.0.1:70000", "127.0.0.1:x"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(MetricsServer::Start(address, nullptr).status()))
        << address;
  }
  const auto server = MetricsServer::Start("127.0.0.1:0", [] { return std::string(); });
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_NE((*server)->port(), 0);
}

}  // namespace
}  // namespace firebreak
