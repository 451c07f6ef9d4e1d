// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/logs.h"

#include <errno.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "proto/endpoint/endpoint.h"
#include "proto/log/log_record.h"

namespace firebreak::agent {
namespace {

constexpr int kPartRecords = 50;

// Moves the reader to the place where a following question begins: behind `after`, or at the end.
absl::Status SeekToFollow(const std::string& after, LogReader& reader) {
  if (after.empty()) return reader.SeekEnd();
  const std::optional<LogReader::Position> position = ParsePosition(after);
  if (!position.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("'", after, "' is no position in the log"));
  }
  return reader.Seek(*position);
}

absl::StatusOr<LogQuery> QueryOf(const v1::LogsQuestion& question, const std::string& host) {
  absl::StatusOr<LogQuery> query = ReadQuery(question.filter());
  if (query.ok() && !query->WantsHost(host)) {
    return absl::InvalidArgumentError(absl::StrCat("this host is ", host));
  }
  return query;
}

void Add(const Record& record, const InternedStrings& texts, const std::string& host,
         v1::Answer& part) {
  v1::LogRecord& added = *part.mutable_logs()->add_records();
  added = ToLogRecord(record, texts);
  added.set_host(host);
}

// Watches the file's directory, because a file that is rolled over gets a new inode.
absl::StatusOr<Descriptor> WatchDirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string directory = slash == 0                   ? "/"
                                : slash == std::string::npos ? "."
                                                             : path.substr(0, slash);
  Descriptor changes(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (changes.get() < 0 || inotify_add_watch(changes.get(), directory.c_str(),
                                             IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("watch ", directory));
  }
  return changes;
}

}  // namespace

absl::StatusOr<v1::Answer> ProduceLogs(const v1::LogsQuestion& question, const std::string& path,
                                       const std::string& host,
                                       const BackgroundAnswers::Emit& emit) {
  ASSIGN_OR_RETURN(const LogQuery query, QueryOf(question, host));
  ASSIGN_OR_RETURN(LogReader reader, LogReader::Open(path));
  if (question.last() != 0) {
    RETURN_IF_ERROR(reader.SeekLast(query, question.last()));
  }
  v1::Answer part;
  part.mutable_logs()->set_terms_met(true);
  for (;;) {
    const absl::StatusOr<bool> more =
        reader.Read(query, [&](const Record& record, const InternedStrings& texts) {
          Add(record, texts, host, part);
        });
    if (!more.ok()) return more.status();
    part.mutable_logs()->set_position(PrintPosition(reader.position()));
    if (!*more) return part;
    if (part.logs().records_size() < kPartRecords) continue;
    if (!emit(std::exchange(part, {}))) return absl::CancelledError("nobody listens any more");
    part.mutable_logs()->set_terms_met(true);
  }
}

LogFollower::LogFollower(EventLoop& loop, std::shared_ptr<Reply> reply, LogReader reader,
                         LogQuery query, std::string host, Descriptor changes)
    : loop_(loop),
      reply_(std::move(reply)),
      reader_(std::move(reader)),
      query_(std::move(query)),
      host_(std::move(host)),
      changes_(std::move(changes)) {}

LogFollower::~LogFollower() { loop_.Cancel(end_); }

absl::StatusOr<std::shared_ptr<LogFollower>> LogFollower::Make(EventLoop& loop,
                                                               const std::shared_ptr<Reply>& reply,
                                                               const std::string& path,
                                                               const std::string& host) {
  const v1::LogsQuestion& question = reply->question().logs();
  ASSIGN_OR_RETURN(LogQuery query, QueryOf(question, host));
  // The watch begins before the file is read, so that no change in between is missed.
  absl::StatusOr<Descriptor> changes = WatchDirectoryOf(path);
  ASSIGN_OR_RETURN(LogReader reader, LogReader::Open(path));
  if (!changes.ok()) return changes.status();
  RETURN_IF_ERROR(SeekToFollow(question.after(), reader));
  return std::shared_ptr<LogFollower>(
      new LogFollower(loop, reply, std::move(reader), std::move(query), host, *std::move(changes)));
}

void LogFollower::Start(EventLoop& loop, std::shared_ptr<Reply> reply, const std::string& path,
                        const std::string& host) {
  const auto made = Make(loop, reply, path, host);
  if (!made.ok()) return reply->Fail(made.status());
  const std::shared_ptr<LogFollower>& follower = *made;
  reply->OnCancel([weak = follower->weak_from_this()] {
    if (const auto cancelled = weak.lock()) cancelled->End(absl::OkStatus());
  });
  loop.Watch(follower->changes_.get(), [follower] {
    char events[4096];
    while (read(follower->changes_.get(), events, sizeof events) > 0) {
    }
    follower->ReadOn();
  });
  // The answer ends a little before the question's timeout, after which the asker would give up.
  const auto time = std::chrono::milliseconds(reply->question().timeout_millis());
  if (time.count() > 0) {
    follower->end_ = loop.RunAfter(time * 9 / 10, [weak = follower->weak_from_this()] {
      if (const auto late = weak.lock()) late->End(absl::OkStatus());
    });
  }
  follower->ReadOn();
}

void LogFollower::ReadOn() {
  if (reply_ == nullptr || under_way_ >= kAnswerWindow) return;
  v1::Answer part;
  const absl::StatusOr<bool> more = reader_.Read(
      query_,
      [&](const Record& record, const InternedStrings& texts) { Add(record, texts, host_, part); });
  if (!more.ok()) return End(more.status());
  if (part.logs().records_size() > 0) {
    part.mutable_logs()->set_position(PrintPosition(reader_.position()));
    part.mutable_logs()->set_terms_met(true);
    ++under_way_;
    reply_->Part(std::move(part), [self = shared_from_this()] {
      --self->under_way_;
      self->ReadOn();
    });
  }
  if (*more) ReadOnSoon();
}

// Reads a little at a time, so that other callbacks of the loop run in between.
void LogFollower::ReadOnSoon() {
  if (std::exchange(soon_, true)) return;
  loop_.Post([self = shared_from_this()] {
    self->soon_ = false;
    self->ReadOn();
  });
}

void LogFollower::End(const absl::Status& status) {
  if (reply_ == nullptr) return;
  const auto self = shared_from_this();  // keeps this object until the function returns
  const std::shared_ptr<Reply> reply = std::move(reply_);
  loop_.Unwatch(changes_.get());
  if (!status.ok()) return reply->Fail(status);
  v1::Answer answer;
  answer.mutable_logs()->set_position(PrintPosition(reader_.position()));
  answer.mutable_logs()->set_terms_met(true);
  reply->Last(std::move(answer));
}

}  // namespace firebreak::agent
