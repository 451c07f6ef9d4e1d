// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_HTTP2_CLIENT_BY_HAND_H_
#define FIREBREAK_CONTROLLER_FRONT_HTTP2_CLIENT_BY_HAND_H_

#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "controller/front/http2/http2_session.h"

// For tests: clients that say what they want, byte by byte.

namespace firebreak::controller {

inline constexpr char kHttp2Preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// A frame of HTTP/2 (RFC 9113, 4.1).
inline std::string Http2Frame(uint8_t type, uint8_t flags, uint8_t stream,
                              const std::string& payload) {
  const auto size = static_cast<uint32_t>(payload.size());
  return std::string({static_cast<char>(size >> 16), static_cast<char>(size >> 8),
                      static_cast<char>(size), static_cast<char>(type), static_cast<char>(flags), 0,
                      0, 0, static_cast<char>(stream)}) +
         payload;
}

// The headers of a call of gRPC, as literals.
inline std::string CallHeaders(const std::map<std::string, std::string>& more = {}) {
  std::map<std::string, std::string> headers = {{":authority", "a"},
                                                {":method", "POST"},
                                                {":path", "/test/Echo"},
                                                {":scheme", "https"},
                                                {"content-type", "application/grpc"},
                                                {"te", "trailers"}};
  for (const auto& [name, value] : more) headers[name] = value;
  std::string block;
  for (const auto& [name, value] : headers) {
    block += std::string({0, static_cast<char>(name.size())}) + name +
             static_cast<char>(value.size()) + value;
  }
  return block;
}

// A session whose client is the test. The session's loop does not run, so no time passes for it.
class ClientByHand {
 public:
  // What the methods use must outlive the client.
  explicit ClientByHand(Methods methods, Caller caller = {})
      : methods_(std::move(methods)),
        session_({loop_, pool_, methods_, std::make_shared<Caller>(std::move(caller)), Reach()}) {}
  ~ClientByHand() {
    // No handler may be left that does not know.
    session_.reset();
  }

  // What the session says in answer, in whole frames, once its handlers have nothing more to do.
  std::string Say(absl::string_view bytes) {
    std::string answer;
    if (session_.has_value() && !session_->Receive(bytes).ok()) session_.reset();
    for (;;) {
      const size_t enough = answer.size() + 100'000;
      if (session_.has_value() && !session_->Produce(answer, enough).ok()) session_.reset();
      if (answer.size() >= enough) continue;
      std::vector<std::function<void(Http2Session&)>> jobs;
      {
        absl::MutexLock lock(&mutex_);
        jobs.swap(jobs_);
      }
      if (jobs.empty() && Quiet()) return answer;
      for (const auto& job : jobs) {
        if (session_.has_value()) job(*session_);
      }
    }
  }
  bool broken() const { return !session_.has_value() || !session_->failure().empty(); }

 private:
  // Lets whatever is scheduled run.
  bool Quiet() {
    struct Mark final : CallPool::Task {
      void Run() override { done.set_value(); }
      std::promise<void> done;
    };
    auto mark = std::make_shared<Mark>();
    pool_.Schedule(mark);
    mark->done.get_future().wait();
    absl::MutexLock lock(&mutex_);
    return jobs_.empty();
  }
  std::shared_ptr<const Call::Reach> Reach() {
    return std::make_shared<const Call::Reach>([this](auto job) {
      absl::MutexLock lock(&mutex_);
      jobs_.push_back(std::move(job));
    });
  }

  const Methods methods_;
  absl::Mutex mutex_;
  std::vector<std::function<void(Http2Session&)>> jobs_;
  Loop loop_;
  CallPool pool_{1};
  struct Optional : std::optional<Http2Session> {
    explicit Optional(Http2Session::Setting setting) { emplace(std::move(setting)); }
  } session_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_HTTP2_CLIENT_BY_HAND_H_
