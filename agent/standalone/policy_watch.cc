// SPDX-License-Identifier: Apache-2.0
#include "agent/standalone/policy_watch.h"

#include <errno.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/log/log.h"

namespace firebreak::agent {
namespace {

constexpr std::chrono::milliseconds kMoment(300);
constexpr uint32_t kEvents = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                             IN_MODIFY | IN_DELETE_SELF | IN_MOVE_SELF;

}  // namespace

PolicyWatch::PolicyWatch(const std::vector<std::string>& paths, EventLoop& loop,
                         std::function<void()> changed)
    : notify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), loop_(loop), changed_(std::move(changed)) {
  for (const std::string& path : paths) {
    std::error_code error;
    const std::string directory =
        std::filesystem::is_directory(path, error)
            ? path
            : std::filesystem::absolute(path, error).parent_path().string();
    if (inotify_add_watch(notify_.get(), directory.c_str(), kEvents) < 0) {
      LogWarning(
          absl::StrCat(absl::ErrnoToStatus(errno, absl::StrCat("watch ", directory)).message(),
                       ": changes there are seen when the agent starts"));
    }
  }
  if (notify_.get() >= 0) loop_.Watch(notify_.get(), [this] { OnReadable(); });
}

PolicyWatch::~PolicyWatch() {
  loop_.Cancel(soon_);
  if (notify_.get() >= 0) loop_.Unwatch(notify_.get());
}

void PolicyWatch::OnReadable() {
  char buffer[16'384];
  while (read(notify_.get(), buffer, sizeof buffer) > 0) {
  }
  if (soon_ != 0) return;
  soon_ = loop_.RunAfter(kMoment, [this] {
    soon_ = 0;
    changed_();
  });
}

}  // namespace firebreak::agent
