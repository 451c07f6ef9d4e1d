// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <sstream>
#include <streambuf>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/connection/test_fleet.h"
#include "cli/verbs/command.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

v1::AuditRow Row(uint64_t number, const std::string& detail) {
  v1::AuditRow row;
  row.set_number(number);
  row.mutable_at()->set_seconds(1'800'000'000);
  row.set_actor("admin/admin");
  row.set_peer("192.0.2.1:5");
  row.set_action("apply");
  row.set_object("revision 7");
  row.set_result("done");
  row.set_detail(detail);
  return row;
}

// Keeps what is written to it, for threads that wait for a text. Writing fails once the screen is
// closed.
class Screen : public std::streambuf {
 public:
  // Returns false if the text does not appear within 20 s.
  bool WaitFor(const std::string& text) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20),
                             [&] { return shown_.find(text) != std::string::npos; });
  }
  void Close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  std::string shown() {
    const std::lock_guard lock(mutex_);
    return shown_;
  }

 private:
  // Makes flushed text visible; text that has not been flushed stays hidden.
  int sync() override {
    const std::lock_guard lock(mutex_);
    if (closed_) return -1;
    shown_ += std::exchange(waiting_, "");
    changed_.notify_all();
    return 0;
  }
  int overflow(int c) override {
    waiting_.push_back(static_cast<char>(c));
    return c;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  std::string shown_;
  bool closed_ = false;
};

// Sends a part whenever a test supplies one, until the test ends the call or the caller cancels it.
class TrailService : public v1::Admin::Service {
 public:
  void Send(const std::vector<v1::AuditRow>& rows) {
    v1::AuditRows part;
    for (const v1::AuditRow& row : rows) *part.add_rows() = row;
    const std::lock_guard lock(mutex_);
    parts_.push_back(part);
  }
  // Makes calls end with this status; nullopt lets new calls run.
  void End(const std::optional<grpc::Status>& status) {
    const std::lock_guard lock(mutex_);
    end_ = status;
  }
  v1::ReadAuditRequest request() {
    const std::lock_guard lock(mutex_);
    return request_;
  }

 private:
  grpc::Status ReadAudit(grpc::ServerContext* call, const v1::ReadAuditRequest* request,
                         grpc::ServerWriter<v1::AuditRows>* writer) override {
    {
      const std::lock_guard lock(mutex_);
      request_ = *request;
    }
    while (!call->IsCancelled()) {
      {
        const std::lock_guard lock(mutex_);
        for (const v1::AuditRows& part : parts_) writer->Write(part);
        parts_.clear();
        if (end_.has_value()) return *end_;
      }
      absl::SleepFor(absl::Milliseconds(5));
    }
    return grpc::Status::CANCELLED;
  }

  std::mutex mutex_;
  std::vector<v1::AuditRows> parts_;
  std::optional<grpc::Status> end_;
  v1::ReadAuditRequest request_;
};

class AuditTest : public testing::Test {
 protected:
  AuditTest() : out_(&screen_) { fleet_.Serve(service_); }
  ~AuditTest() override {
    service_.End(grpc::Status::OK);
    if (running_.joinable()) running_.join();
  }

  void Start(const std::string& line, Format format = Format::kTable) {
    running_ = std::thread([this, line, format] {
      CLI::App root;
      Command command;
      AddAuditVerbs(Verb(&root), command);
      root.parse(line);
      Invocation invocation({.context = fleet_.ContextFile(), .format = format},
                            {.out = out_, .err = err_});
      status_ = command.run(invocation);
      out_.flush();
    });
  }
  absl::Status Finish() {
    running_.join();
    return status_;
  }

  TrailService service_;
  TestFleet fleet_;
  Screen screen_;
  std::ostream out_;
  std::ostringstream err_;
  std::thread running_;
  absl::Status status_;
};

TEST_F(AuditTest, FollowingShowsEachRowWhenItComes) {
  Start("audit -f --host web-1 --actor admin -n 5");
  service_.Send({Row(1, "the first"), Row(2, "the second")});
  ASSERT_TRUE(screen_.WaitFor("the second"));
  EXPECT_THAT(screen_.shown(), AllOf(StartsWith("ROW"), HasSubstr("the first")));
  service_.Send({Row(3, "the third")});
  ASSERT_TRUE(screen_.WaitFor("the third"));
  // Neither the heading nor the earlier rows are repeated.
  const std::string shown = screen_.shown();
  EXPECT_EQ(shown.find("ROW"), shown.rfind("ROW"));
  EXPECT_EQ(shown.find("the first"), shown.rfind("the first"));
  EXPECT_TRUE(service_.request().follow());
  EXPECT_EQ(service_.request().host(), "web-1");
  EXPECT_EQ(service_.request().actor(), "admin");
  EXPECT_EQ(service_.request().last(), 5u);
}

TEST_F(AuditTest, FollowedJsonIsWholeAfterEachRow) {
  Start("audit -f", Format::kJson);
  for (uint64_t number = 1; number <= 3; ++number) {
    service_.Send({Row(number, absl::StrCat("row ", number))});
    ASSERT_TRUE(screen_.WaitFor(absl::StrCat("row ", number)));
    EXPECT_THAT(screen_.shown(), AllOf(StartsWith("{"), EndsWith("}\n")));
  }
  service_.End(grpc::Status::OK);
  EXPECT_TRUE(Finish().ok());
  EXPECT_THAT(screen_.shown(), AllOf(EndsWith("}\n"), Not(HasSubstr("},"))));
}

TEST_F(AuditTest, WithoutFollowingJsonIsAnArray) {
  Start("audit", Format::kJson);
  service_.Send({Row(1, "one"), Row(2, "two")});
  service_.Send({Row(3, "three")});
  service_.End(grpc::Status::OK);
  EXPECT_TRUE(Finish().ok());
  EXPECT_THAT(screen_.shown(), AllOf(StartsWith("[\n{"), HasSubstr("},\n{"), EndsWith("}\n]\n")));
  EXPECT_FALSE(service_.request().follow());
}

TEST_F(AuditTest, AnEmptyTrailIsAnEmptyArray) {
  Start("audit", Format::kJson);
  service_.End(grpc::Status::OK);
  EXPECT_TRUE(Finish().ok());
  EXPECT_EQ(screen_.shown(), "[]\n");
}

TEST_F(AuditTest, WhatStrangersWroteCannotReachTheTerminal) {
  for (const Format format : {Format::kTable, Format::kJson, Format::kYaml}) {
    Start("audit -f", format);
    const std::string end = absl::StrCat("end", static_cast<int>(format));
    service_.Send({Row(1, "\x1b[2J" + end)});
    ASSERT_TRUE(screen_.WaitFor(end));
    EXPECT_THAT(screen_.shown(), Not(HasSubstr("\x1b")));
    service_.End(grpc::Status::OK);
    EXPECT_TRUE(Finish().ok());
    service_.End(std::nullopt);
  }
}

TEST_F(AuditTest, FollowingEndsWhenNobodyReads) {
  Start("audit -f");
  service_.Send({Row(1, "the first")});
  ASSERT_TRUE(screen_.WaitFor("the first"));
  screen_.Close();
  service_.Send({Row(2, "the second")});
  EXPECT_TRUE(Finish().ok());
  EXPECT_FALSE(out_);
}

TEST_F(AuditTest, AnErrorOfTheControllerIsToldAfterTheRows) {
  Start("audit -f");
  service_.Send({Row(1, "the first")});
  service_.End(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "too many are reading"));
  const absl::Status status = Finish();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("too many are reading"));
  EXPECT_THAT(screen_.shown(), HasSubstr("the first"));
}

}  // namespace
}  // namespace firebreak::cli
