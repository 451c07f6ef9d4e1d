// SPDX-License-Identifier: Apache-2.0
#include "controller/log/log_call.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <utility>

#include "absl/synchronization/notification.h"

namespace firebreak::controller {
namespace {

// A log in which a search never ends.
class EndlessLog final : public LogStore {
 public:
  // Calls `at_step` with the number of the step; other turns wait meanwhile.
  explicit EndlessLog(std::function<void(int)> at_step) : at_step_(std::move(at_step)) {}

  absl::Status Append(std::span<HostBatch>, absl::Time) override { return absl::OkStatus(); }
  LogPosition End() const override { return {.segment = 1}; }
  LogPosition Begin() const override { return {}; }
  absl::StatusOr<bool> GoBack(const LogQuery&, LogPosition&, uint64_t&,
                              std::vector<LogPosition>&) const override {
    at_step_(++steps_);
    return true;
  }
  absl::StatusOr<bool> Read(const LogQuery&, LogPosition&, const LogPosition&, size_t,
                            const LogVisitor&) const override {
    return false;
  }
  void Expire(absl::Time, absl::Duration) override {}
  LogStats stats() const override { return {}; }

 private:
  const std::function<void(int)> at_step_;
  mutable std::atomic<int> steps_ = 0;
};

TEST(LogCall, ASearchThatFindsNothingKeepsNobodyWaitingAndEndsWithItsCaller) {
  absl::Notification searching;
  EndlessLog log([&](int step) {
    if (step == 3) searching.Notify();
  });
  LogIntake intake(log);
  absl::Notification others;
  grpc::ServerWriteReactor<v1::LogRecords>* call = nullptr;
  {
    ReaderPool readers({}, 10);
    call = LogCall::Start({log, intake, readers}, {.last = 1});
    searching.WaitForNotification();
    ASSERT_TRUE(readers.Do(0, [&] { others.Notify(); }));
    others.WaitForNotification();
    call->OnCancel();
    // The pool's destructor does the turns that still wait; the cancelled search must have left
    // none.
  }
  call->OnDone();
}

}  // namespace
}  // namespace firebreak::controller
