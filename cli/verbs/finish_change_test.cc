// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/finish_change.h"

#include <sstream>
#include <string>
#include <vector>

#include "cli/connection/test_fleet.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

using testing::HasSubstr;

v1::Rollout Step(uint32_t applied, bool done) {
  v1::Rollout rollout;
  rollout.set_revision(7);
  rollout.set_concerned(2);
  rollout.set_applied(applied);
  rollout.set_done(done);
  if (applied < 2) rollout.add_pending("web-2");
  return rollout;
}

// Sends its steps; then ends with `end` or, if it hangs, waits until the caller cancels.
class RolloutService : public v1::Admin::Service {
 public:
  std::vector<v1::Rollout> steps;
  bool hangs = false;
  grpc::Status end;

 private:
  grpc::Status WatchRollout(grpc::ServerContext* call, const v1::WatchRolloutRequest* request,
                            grpc::ServerWriter<v1::Rollout>* writer) override {
    EXPECT_EQ(request->revision(), 7u);
    for (const v1::Rollout& step : steps) writer->Write(step);
    while (hangs && !call->IsCancelled()) absl::SleepFor(absl::Milliseconds(5));
    return end;
  }
};

class FinishChangeTest : public testing::Test {
 protected:
  FinishChangeTest() { fleet_.Serve(service_); }

  absl::Status Finish(bool wait, absl::Duration timeout = absl::Seconds(20),
                      Format format = Format::kTable) {
    v1::ApplyResponse response;
    response.set_revision(7);
    response.set_changed(true);
    v1::Change* change = response.add_changes();
    change->set_kind(v1::Change::created);
    change->set_resource("Group/web");
    Invocation invocation({.context = fleet_.ContextFile(), .format = format},
                          {.out = out_, .err = err_});
    return FinishChange(invocation, response, {.wait = wait, .timeout = timeout});
  }

  RolloutService service_;
  TestFleet fleet_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(FinishChangeTest, WithoutWaitingNothingIsAsked) {
  EXPECT_TRUE(Finish(false).ok());
  EXPECT_EQ(out_.str(), "revision 7\ncreated  Group/web\n");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(FinishChangeTest, EndsWhenAllHaveApplied) {
  service_.steps = {Step(0, false), Step(1, false), Step(2, true)};
  service_.hangs = true;  // `done` ends the wait although the call goes on
  const absl::Status status = Finish(true);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(err_.str(), HasSubstr("2 of 2 hosts have applied revision 7\n"));
  EXPECT_EQ(out_.str(), "revision 7\ncreated  Group/web\n");
}

TEST_F(FinishChangeTest, ARefusalFails) {
  v1::Rollout last = Step(1, true);
  last.clear_pending();
  v1::RolloutHost* host = last.add_failed();
  host->set_name("web-2");
  host->mutable_refusal()->set_revision(7);
  host->mutable_refusal()->set_reason("set is full");
  service_.steps = {last};
  const absl::Status status = Finish(true);
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("web-2 refused revision 7: set is full"));
}

TEST_F(FinishChangeTest, TheTimeoutNamesThePending) {
  service_.steps = {Step(1, false)};
  service_.hangs = true;
  const absl::Status status = Finish(true, absl::Milliseconds(300));
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted) << "exit 1: the controller is reachable";
  EXPECT_THAT(std::string(status.message()), HasSubstr("from 1 host: web-2"));
}

TEST_F(FinishChangeTest, AnEndBeforeTheEndIsNoSuccess) {
  service_.steps = {Step(1, false)};
  EXPECT_FALSE(Finish(true).ok());
  service_.end = grpc::Status(grpc::StatusCode::UNAVAILABLE, "going down");
  const absl::Status status = Finish(true);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("revision 7 is stored, but"));
}

TEST_F(FinishChangeTest, DataHasTheRolloutToo) {
  service_.steps = {Step(2, true)};
  EXPECT_TRUE(Finish(true, absl::Seconds(20), Format::kJson).ok());
  EXPECT_THAT(out_.str(), HasSubstr("\"resource\": \"Group/web\""));
  EXPECT_THAT(out_.str(), HasSubstr("\"rollout\": {"));
  out_.str("");
  EXPECT_TRUE(Finish(true, absl::Seconds(20), Format::kYaml).ok());
  EXPECT_THAT(out_.str(), HasSubstr("\nrollout:\n"));
}

}  // namespace
}  // namespace firebreak::cli
