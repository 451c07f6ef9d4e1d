// SPDX-License-Identifier: Apache-2.0
#include "cli/view/record_explanation.h"

#include <gtest/gtest.h>

namespace firebreak::cli {
namespace {

const std::string kOwn("\x0a\0\0\x01", 4);

v1::LogRecord Dropped() {
  v1::LogRecord record;
  record.mutable_time()->set_seconds(1'795'262'400);
  record.set_host("web-1");
  record.set_action("DROP");
  record.set_protocol("TCP");
  record.set_source("192.0.2.7");
  record.set_destination("10.0.0.1");
  record.set_source_port(40000);
  record.set_destination_port(22);
  record.set_tcp_flags("SA");
  record.set_interface("eth0");
  record.set_location("corp");
  record.set_policy("web");
  record.set_reason("unsolicited");
  return record;
}

TEST(TraceOf, AsksAboutThePacketOfTheRecord) {
  v1::LogRecord record = Dropped();
  auto question = TraceOf(record, {kOwn});
  ASSERT_TRUE(question.has_value());
  EXPECT_EQ(question->in_interface(), "eth0");
  EXPECT_EQ(question->out_interface(), "");
  EXPECT_EQ(question->destination(), kOwn);
  EXPECT_EQ(question->protocol(), 6u);
  EXPECT_EQ(question->tcp_flags(), 0x12u);
  EXPECT_EQ(question->destination_port(), 22u);

  std::swap(*record.mutable_source(), *record.mutable_destination());
  EXPECT_EQ(TraceOf(record, {kOwn})->out_interface(), "eth0");
  record.set_action("OPEN");
  question = TraceOf(record, {});
  EXPECT_EQ(question->out_interface(), "eth0");
  EXPECT_EQ(question->tcp_flags(), 2u);

  record.clear_source();
  EXPECT_FALSE(TraceOf(record, {}).has_value());
}

TEST(Explanation, SaysWhatWasDecidedThenAndWhatWouldBeNow) {
  ExplainedRecord explained = {.record = Dropped()};
  explained.question = TraceOf(explained.record, {kOwn});
  explained.now.emplace();
  explained.now->set_verdict("accept");
  explained.now->set_detail("a mapping opens it");
  explained.now->set_policy("web");
  explained.now->set_mapping("ssh");
  explained.now->set_revision(7);
  const std::string text = ExplanationText(explained, absl::UTCTimeZone(), false);
  EXPECT_NE(
      text.find("  then  was dropped: nobody on this host asked for it, and nothing opens it; "
                "policy web; at corp\n"
                "  now   passes: a mapping opens it; policy web, mapping ssh; revision 7\n"
                "  more  firebreak host trace web-1 --in eth0 --proto tcp --from "
                "192.0.2.7:40000 --to 10.0.0.1:22 --flags syn,ack\n"),
      std::string::npos)
      << text;
  const std::string json = ExplanationJson(explained);
  EXPECT_NE(json.find("\"then\":\"was dropped: nobody"), std::string::npos) << json;
  EXPECT_NE(json.find("\"now\":{\"verdict\":\"accept\""), std::string::npos) << json;

  explained.now.reset();
  explained.error = "web-1 is offline";
  EXPECT_NE(ExplanationText(explained, absl::UTCTimeZone(), false)
                .find("  now   unknown: web-1 is offline\n"),
            std::string::npos);
}

TEST(WhyThen, KnowsObservedPacketsAndLosses) {
  v1::LogRecord record = Dropped();
  record.set_reason("observe.blocked");
  EXPECT_EQ(WhyThen(record),
            "was let pass, because the firewall only observes: a mapping blocks it; policy web; at "
            "corp");
  record.Clear();
  record.set_action("INFO-EVENTS-LOST");
  record.set_lost(5);
  record.set_reason("unsolicited");
  EXPECT_EQ(WhyThen(record), "5 records are missing here: unsolicited");
}

}  // namespace
}  // namespace firebreak::cli
