// SPDX-License-Identifier: Apache-2.0
#include "cli/ask/group.h"

#include <algorithm>
#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/status/status.h"
#include "cli/ask/ask.h"
#include "cli/output/moment.h"
#include "cli/view/answer_view.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::cli {
namespace {

// The number of hosts that are asked at the same time. More would only wait in the controller.
constexpr size_t kWorkers = 16;

// Passes hosts from the caller to the workers, and their answers back.
class Board {
 public:
  explicit Board(std::vector<std::string> hosts) : hosts_(hosts.begin(), hosts.end()) {}

  bool NextHost(std::string& host) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (hosts_.empty()) return false;
    host = std::move(hosts_.front());
    hosts_.pop_front();
    return true;
  }

  void Put(std::string host, absl::StatusOr<v1::Answer> answer) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    // Workers wait here, so that a slow terminal does not make the program collect all answers of
    // the fleet.
    mutex_.Await(absl::Condition(
        +[](std::deque<Answered>* answers) { return answers->size() < kWorkers; }, &answers_));
    answers_.emplace_back(std::move(host), std::move(answer));
  }

  std::pair<std::string, absl::StatusOr<v1::Answer>> Take() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](std::deque<Answered>* answers) { return !answers->empty(); }, &answers_));
    auto answered = std::move(answers_.front());
    answers_.pop_front();
    return answered;
  }

 private:
  using Answered = std::pair<std::string, absl::StatusOr<v1::Answer>>;

  absl::Mutex mutex_;
  std::deque<std::string> hosts_ ABSL_GUARDED_BY(mutex_);
  std::deque<Answered> answers_ ABSL_GUARDED_BY(mutex_);
};

absl::StatusOr<v1::Answer> WholeAnswer(Connection& connection, const std::string& host,
                                       const v1::Question& question, absl::Duration timeout) {
  v1::Answer whole;
  const absl::Status status =
      AskThrough(connection, host, question, timeout, [&](const v1::Answer& part) {
        Merge(part, whole);
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  whole.clear_id();
  whole.clear_last();
  return whole;
}

}  // namespace

absl::Status AskHostsOf(
    Invocation& invocation, const std::string& group, const v1::Question& question,
    absl::Duration timeout,
    absl::FunctionRef<void(const std::string&, const absl::StatusOr<v1::Answer>&)> answered) {
  v1::ListHostsRequest request;
  request.set_group(group);
  ASSIGN_OR_RETURN(const auto response, invocation.Call(&v1::Admin::Stub::ListHosts, request));
  if (response.hosts().empty()) {
    return absl::NotFoundError(
        absl::StrCat("no host is in the group ", group, "; see `firebreak host list`"));
  }
  absl::StatusOr<Connection*> connection = invocation.Connect();
  if (!connection.ok()) return connection.status();

  std::vector<std::string> online;
  for (const v1::Host& host : response.hosts()) {
    if (host.state() == "online") online.push_back(host.name());
  }
  const size_t count = online.size();
  Board board(std::move(online));
  std::vector<std::thread> workers;
  for (size_t i = 0; i < std::min(kWorkers, count); ++i) {
    workers.emplace_back([&] {
      std::string host;
      while (board.NextHost(host)) {
        board.Put(host, WholeAnswer(**connection, host, question, timeout));
      }
    });
  }
  for (size_t i = 0; i < count; ++i) {
    const auto [host, answer] = board.Take();
    answered(host, answer);
  }
  for (std::thread& worker : workers) worker.join();
  for (const v1::Host& host : response.hosts()) {
    if (host.state() == "online") continue;
    answered(host.name(),
             absl::UnavailableError(absl::StrCat(host.state(), ", last seen ",
                                                 Moment(host.last_seen(), absl::Now()))));
  }
  return absl::OkStatus();
}

}  // namespace firebreak::cli
