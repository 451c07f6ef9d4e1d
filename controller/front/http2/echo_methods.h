// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_HTTP2_ECHO_METHODS_H_
#define FIREBREAK_CONTROLLER_FRONT_HTTP2_ECHO_METHODS_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "controller/front/http2/call.h"

// For tests: methods that show what calls can do.

namespace firebreak::controller {

inline constexpr size_t kMaxMessage = 8 << 20;
inline constexpr char kAwkward[] = "n\xc3\xb6t h\xc3\xa9re: 100 %\n";

// What has happened to the handlers of a test.
struct Seen {
  std::atomic<int> alive{0};
  std::atomic<int> done{0};
  std::atomic<int> sent{0};

  // Waits; a test that never gets there runs into its time limit.
  static void Wait(const std::function<bool()>& condition) {
    while (!condition()) absl::SleepFor(absl::Milliseconds(1));
  }
};

// What the handlers have in common.
class Handler : public CallHandler {
 public:
  Handler(std::shared_ptr<Call> call, Seen& seen) : call_(std::move(call)), seen_(seen) {
    ++seen_.alive;
  }
  ~Handler() override { --seen_.alive; }
  void OnMessage(std::string) override {}
  void OnEndOfMessages() override { call_->Finish(absl::OkStatus()); }
  void OnUnreadable(const absl::Status& reason) override { call_->Finish(reason); }
  void OnDone() override { ++seen_.done; }

 protected:
  const std::shared_ptr<Call> call_;
  Seen& seen_;
};

class Echo final : public Handler {
 public:
  using Handler::Handler;
  void OnMessage(std::string message) override { call_->Send(ToWire(message)); }
  void OnSent() override { call_->Read(kMaxMessage); }
};

// Answers "N" with the numbers below N.
class Counting final : public Handler {
 public:
  using Handler::Handler;
  void OnMessage(std::string message) override {
    left_ = std::stoi(message);
    OnSent();
  }
  void OnSent() override {
    ++seen_.sent;
    if (left_-- == 0) return call_->Finish(absl::OkStatus());
    call_->Send(ToWire(absl::StrCat(left_, std::string(1000, 'x'))));
  }

 private:
  int left_ = 0;
};

inline Methods MethodsFor(Seen& seen) {
  const auto reading = [&seen](auto make) {
    return [&seen, make](const std::shared_ptr<Call>& call) -> std::shared_ptr<CallHandler> {
      auto handler = make(call, seen);
      call->Read(kMaxMessage);
      return handler;
    };
  };
  const auto silent = [&seen](const std::shared_ptr<Call>& call) {
    return std::make_shared<Handler>(call, seen);
  };
  Methods methods;
  methods["/test/Echo"] =
      reading([](auto call, Seen& s) { return std::make_shared<Echo>(call, s); });
  methods["/test/Count"] =
      reading([](auto call, Seen& s) { return std::make_shared<Counting>(call, s); });
  methods["/test/Silent"] = silent;
  methods["/test/Fail"] = [](const std::shared_ptr<Call>& call) {
    call->Finish(absl::NotFoundError(kAwkward));
    return nullptr;
  };
  methods["/test/Late"] = [silent](const std::shared_ptr<Call>& call) {
    call->RunAfter(std::chrono::seconds(1), [call] {
      call->Send(ToWire("late"));
      call->Finish(absl::OkStatus());
    });
    return silent(call);
  };
  return methods;
}

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_HTTP2_ECHO_METHODS_H_
