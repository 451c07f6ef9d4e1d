// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/host_event_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "controller/store/test_database.h"

namespace firebreak::controller {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

constexpr uint64_t kEpoch = 0x9876'5432'1098'7654;  // larger than the signed integers of SQLite

v1::HostEvent Switch(uint64_t number, const std::string& refused = "", uint64_t epoch = kEpoch) {
  v1::HostEvent event;
  event.set_epoch(epoch);
  event.set_number(number);
  event.mutable_at()->set_seconds(1'700'000'000);
  v1::LocalSwitchEvent& told = *event.mutable_local_switch();
  told.mutable_what()->set_mode(v1::Firewall::off);
  told.mutable_what()->set_interface("eth0");
  told.mutable_what()->set_user("root, logged in as alice");
  told.mutable_what()->set_program(absl::StrCat("/usr/bin/firebreak (process ", number, ")"));
  told.mutable_what()->set_reason("maintenance");
  told.set_refused(refused);
  return event;
}

v1::HostEvent Move(uint64_t number, uint64_t epoch = kEpoch) {
  v1::HostEvent event;
  event.set_epoch(epoch);
  event.set_number(number);
  event.mutable_location()->set_kind(v1::LocationEvent::demoted);
  event.mutable_location()->set_interface("eth0");
  return event;
}

class HostEventLogTest : public testing::Test {
 protected:
  HostEventLogTest() : refusals_(*database_) { Restart(); }

  // Restarts the controller, which then has only its database.
  void Restart() { log_.emplace(*database_, refusals_); }
  void Record(const v1::HostEvent& event) { log_->Record("web1", "192.0.2.1:5", event); }

  // Returns the last number taken, by host.
  std::map<std::string, uint64_t> Flush(absl::Time now = absl::Now()) {
    std::map<std::string, uint64_t> taken;
    EXPECT_TRUE(log_->Flush(now, [&](absl::string_view host,
                                     uint64_t number) { taken[std::string(host)] = number; })
                    .ok());
    return taken;
  }
  std::vector<std::string> Rows() {
    std::vector<std::string> rows;
    EXPECT_TRUE(database_
                    ->Transact("read",
                               [&](Connection& connection) {
                                 const auto audit = ReadAudit(connection, 0, 1'000'000);
                                 for (const v1::AuditRow& row : *audit) {
                                   rows.push_back(absl::StrCat(row.actor(), " ", row.action(), " ",
                                                               row.result(), ": ", row.detail()));
                                 }
                                 return audit.status();
                               })
                    .ok());
    return rows;
  }

  TestDatabase database_;
  RefusedAttempts refusals_;
  std::optional<HostEventLog> log_;
};

TEST_F(HostEventLogTest, ASwitchIsRecordedWithWhoWhatAndWhy) {
  Record(Switch(1));
  Record(Switch(2, "policy p says local_control: deny"));
  EXPECT_THAT(Rows(), IsEmpty());
  EXPECT_THAT(Flush(), ElementsAre(Pair("web1", 2)));
  EXPECT_THAT(
      Rows(),
      ElementsAre(
          AllOf(
              HasSubstr("host/web1 local switch done: firewall off on eth0, by root, logged in as "
                        "alice (uid 0) with /usr/bin/firebreak (process 1), reason: maintenance"),
              HasSubstr("2023-11-14T22:13:20")),
          AllOf(HasSubstr("local switch refused"), HasSubstr("local_control: deny"))));
  EXPECT_THAT(Flush(), IsEmpty());
}

TEST_F(HostEventLogTest, SwitchesOfIcmpAndOfTheLogAreRecordedByWhatTheyAreAbout) {
  v1::HostEvent event = Switch(1);
  const v1::LocalSwitchEvent of_firewall = event.local_switch();
  v1::LocalSwitchEvent& told = *event.mutable_local_option();
  told = of_firewall;
  told.mutable_what()->clear_mode();
  told.mutable_what()->mutable_icmp()->mutable_messages()->add_items("echo-request");
  Record(event);
  event.set_number(2);
  told.mutable_what()->clear_interface();
  told.mutable_what()->clear_icmp();
  told.mutable_what()->mutable_logging()->mutable_settings()->set_dropped(false);
  told.set_ended("policy p says local_control: deny");
  Record(event);
  EXPECT_THAT(Flush(), ElementsAre(Pair("web1", 2)));
  EXPECT_THAT(
      Rows(),
      ElementsAre(HasSubstr("local option done: ICMP echo-request on eth0, by root"),
                  AllOf(HasSubstr("end a local option done: log no dropped packets, by root"),
                        HasSubstr("has ended: policy p says"))));
}

TEST_F(HostEventLogTest, AMappingOfTheHostsOwnIsRecordedWithWhoWhatAndByWhom) {
  v1::HostEvent event = Switch(1);
  v1::LocalMappingEvent& told = *event.mutable_local_mapping();
  told.set_kind(v1::LocalMappingEvent::granted);
  told.set_by("root, at /dev/pts/3");
  v1::LocalMapping& what = *told.mutable_what();
  what.set_number(7);
  what.mutable_mapping()->set_protocol("tcp");
  what.mutable_mapping()->add_ports("8080");
  what.set_interface("eth0");
  what.set_user("alice");
  what.set_uid(1000);
  what.set_program("/usr/bin/game (process 12)");
  what.set_unit("process 12");
  what.set_seconds(60);
  what.set_reason(std::string(2000, 'x'));
  Record(event);
  told.set_kind(v1::LocalMappingEvent::refused);
  told.set_reason("only root may add a mapping");
  event.set_number(2);
  Record(event);
  Flush();
  EXPECT_THAT(
      Rows(),
      ElementsAre(
          HasSubstr("host/web1 grant a mapping done: mapping 7: tcp 8080 on eth0, for alice "
                    "(uid 1000) with /usr/bin/game (process 12), for 60 s, until the end of "
                    "process 12, reason: xxx"),
          AllOf(HasSubstr("refuse a mapping refused"),
                HasSubstr("; by root, at /dev/pts/3; because: only root may add"))));
  EXPECT_LT(Rows()[0].size(), 1200u);
}

TEST_F(HostEventLogTest, WhatIsSentAgainIsTakenOnce) {
  Record(Switch(1));
  Record(Switch(1));
  Flush();
  // The controller dies before it has told the host that the event is taken.
  Restart();
  Record(Switch(1));
  Record(Switch(2));
  EXPECT_THAT(Flush(), ElementsAre(Pair("web1", 2)));
  EXPECT_THAT(Rows(), SizeIs(2));
  Record(Switch(2));
  EXPECT_THAT(Flush(), ElementsAre(Pair("web1", 2)));
  EXPECT_THAT(Rows(), SizeIs(2));
}

TEST_F(HostEventLogTest, NumbersThatAreMissingAreCounted) {
  Record(Switch(1));
  Record(Move(5));
  Flush();
  EXPECT_THAT(Rows(), ElementsAre(Not(HasSubstr("lose")), HasSubstr("lose events done: 3 events")));
  Restart();
  Record(Switch(7));
  Flush();
  EXPECT_THAT(Rows(), SizeIs(4));
  EXPECT_THAT(Rows()[3], HasSubstr("lose events done: 1 event of"));
}

TEST_F(HostEventLogTest, WhatIsMissingMakesOneRowAMinute) {
  const absl::Time now = absl::Now();
  uint64_t number = 1;
  for (int i = 0; i < 100; ++i) {
    Record(Move(number += 3));  // two numbers are missing before each event but the first
    Flush(now + i * absl::Milliseconds(100));
  }
  for (uint64_t epoch = 1; epoch <= 100; ++epoch) {
    Record(Move(2, epoch));
    Flush(now + absl::Seconds(20));
  }
  EXPECT_THAT(Rows(), ElementsAre(HasSubstr("lose events done: 2 events")));
  // The row is written although no other event comes.
  EXPECT_THAT(Flush(now + absl::Minutes(2)), IsEmpty());
  EXPECT_THAT(Rows(), ElementsAre(HasSubstr(": 2 events"), HasSubstr(": 296 events")));
  Flush(now + absl::Minutes(4));
  EXPECT_THAT(Rows(), SizeIs(2));
}

TEST_F(HostEventLogTest, WhatIsMissingIsNotForgottenByAControllerThatDies) {
  const absl::Time now = absl::Now();
  Record(Move(1));
  Record(Move(3));
  Flush(now);
  Record(Move(7));
  Flush(now);
  Restart();
  Flush(now);
  EXPECT_THAT(Rows(), ElementsAre(HasSubstr(": 1 event of"), HasSubstr(": 3 events")));
}

TEST_F(HostEventLogTest, NumbersBeyondReasonAreCountedAsFarAsCanBe) {
  Record(Move(1));
  Record(Move(~uint64_t{0}));
  Record(Move(9, 5));
  Flush();
  EXPECT_THAT(Rows(), ElementsAre(HasSubstr(absl::StrCat(": ", ~uint64_t{0}, " events"))));
}

TEST_F(HostEventLogTest, RefusedProofsCountAsRows) {
  for (uint64_t number = 1; number <= HostEventLog::kMaxRowsAMinute + 1; ++number) {
    v1::HostEvent event = Move(number);
    event.mutable_location()->set_kind(v1::LocationEvent::refused);
    Record(event);
  }
  EXPECT_THAT(Flush(), ElementsAre(Pair("web1", HostEventLog::kMaxRowsAMinute)));
}

TEST_F(HostEventLogTest, AHostThatComesFromAnotherControllerHasLostNothingHere) {
  Record(Switch(50));
  Flush();
  EXPECT_THAT(Rows(), Each(Not(HasSubstr("lose"))));
}

TEST_F(HostEventLogTest, ANewEpochBeginsAtOne) {
  Record(Switch(9));
  Flush();
  Record(Switch(1, "", 5));
  Record(Switch(3, "", 5));
  EXPECT_THAT(Flush(), ElementsAre(Pair("web1", 3)));
  ASSERT_THAT(Rows(), SizeIs(4));
  EXPECT_THAT(Rows()[3], HasSubstr("lose events done: 1 event of"));
}

TEST_F(HostEventLogTest, AHostThatSwitchesAllTheTimeWaits) {
  uint64_t number = 0;
  const absl::Time now = absl::Now();
  for (int i = 0; i < 3; ++i) {
    for (size_t j = 0; j < HostEventLog::kMaxWaiting; ++j) Record(Switch(++number));
    Flush(now);
    number = Rows().size();  // the host sends untaken events again
  }
  EXPECT_THAT(Rows(), SizeIs(HostEventLog::kMaxRowsAMinute));
  for (int i = 0; i < 2; ++i) {
    Record(Switch(++number));
    Flush(now + absl::Minutes(1));
  }
  EXPECT_THAT(Rows(), Each(Not(HasSubstr("lose"))));
  EXPECT_GT(Rows().size(), HostEventLog::kMaxRowsAMinute);
}

TEST_F(HostEventLogTest, AClockThatIsSetBackEndsTheMinute) {
  const absl::Time now = absl::Now();
  for (uint64_t i = 1; i <= HostEventLog::kMaxRowsAMinute; ++i) Record(Switch(i));
  Flush(now);
  Record(Switch(HostEventLog::kMaxRowsAMinute + 1));
  Flush(now);
  EXPECT_THAT(Rows(), SizeIs(HostEventLog::kMaxRowsAMinute));
  Flush(now - absl::Hours(24));
  EXPECT_THAT(Rows(), SizeIs(HostEventLog::kMaxRowsAMinute + 1));
}

TEST_F(HostEventLogTest, WhereAnInterfaceIsMakesNoRow) {
  Record(Move(1));
  EXPECT_THAT(Flush(), ElementsAre(Pair("web1", 1)));
  EXPECT_THAT(Rows(), IsEmpty());
}

}  // namespace
}  // namespace firebreak::controller
