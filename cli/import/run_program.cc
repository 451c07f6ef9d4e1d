// SPDX-License-Identifier: Apache-2.0
#include "cli/import/run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/descriptor/descriptor.h"
#include "base/text/escape.h"

extern char** environ;

namespace firebreak::cli {
namespace {

constexpr std::chrono::seconds kPatience(60);
constexpr size_t kMaxMessage = 2000;  // bytes kept of standard error

struct Pipe {
  Descriptor read, write;
};

absl::StatusOr<Pipe> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "pipe");
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// Reads what is available. Returns false at the end.
bool ReadSome(int descriptor, std::string& to) {
  std::array<char, 65536> buffer;
  const ssize_t count = read(descriptor, buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR;
  to.append(buffer.data(), static_cast<size_t>(count));
  return count > 0;
}

}  // namespace

absl::StatusOr<std::string> RunProgram(const std::vector<std::string>& command, size_t limit) {
  auto out = MakePipe(), err = MakePipe();
  if (!out.ok()) return out.status();
  if (!err.ok()) return err.status();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out->write.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err->write.get(), STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int error =
      posix_spawnp(&pid, command[0].c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  const std::string line = absl::StrJoin(command, " ");
  if (error != 0) return absl::ErrnoToStatus(error, absl::StrCat("run ", line));
  out->write = Descriptor();
  err->write = Descriptor();

  std::string text, message;
  const auto end = std::chrono::steady_clock::now() + kPatience;
  std::array<pollfd, 2> waits = {pollfd{out->read.get(), POLLIN, 0},
                                 pollfd{err->read.get(), POLLIN, 0}};
  std::string why;
  while (why.empty() && (waits[0].fd >= 0 || waits[1].fd >= 0)) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    const int ready =
        left.count() > 0 ? poll(waits.data(), waits.size(), static_cast<int>(left.count())) : 0;
    if (ready == 0) why = "it takes more than a minute";
    if (ready < 0 && errno != EINTR) why = "poll fails";
    if (ready <= 0) continue;
    if (waits[0].revents != 0 && !ReadSome(waits[0].fd, text)) waits[0].fd = -1;
    if (waits[1].revents != 0 && !ReadSome(waits[1].fd, message)) waits[1].fd = -1;
    if (text.size() > limit) why = absl::StrCat("it prints more than ", limit >> 20, " MiB");
    message.resize(std::min(message.size(), kMaxMessage));
  }
  if (!why.empty()) kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!why.empty()) return absl::FailedPreconditionError(absl::StrCat(line, ": ", why));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(line, " fails: ", Escape(message.substr(0, message.find('\n')))));
  }
  return text;
}

}  // namespace firebreak::cli
