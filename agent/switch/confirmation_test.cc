// SPDX-License-Identifier: Apache-2.0
#include "agent/switch/confirmation.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <regex>
#include <set>
#include <string>

#include "agent/switch/process.h"
#include "agent/switch/terminal.h"
#include "base/descriptor/descriptor.h"

namespace firebreak::agent {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

// A child process that runs `begin` and then waits until it is killed.
class Child {
 public:
  explicit Child(const std::function<void()>& begin) {
    int ready[2];
    if (pipe(ready) != 0) abort();
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      begin();
      if (write(ready[1], "", 1) != 1) _exit(1);
      for (;;) pause();
    }
    char byte;
    if (read(ready[0], &byte, 1) != 1) abort();
    close(ready[0]);
    close(ready[1]);
  }
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  Process Read() const {
    const absl::StatusOr<Process> process = ReadProcess(pid_);
    EXPECT_TRUE(process.ok()) << process.status();
    return process.value_or(Process());
  }

 private:
  pid_t pid_;
};

// A pseudoterminal whose master side plays the person, and a process in its foreground.
class ConfirmationTest : public testing::Test {
 protected:
  void SetUp() override {
    person_ = Descriptor(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
    ASSERT_GE(person_.get(), 0);
    ASSERT_EQ(grantpt(person_.get()), 0);
    ASSERT_EQ(unlockpt(person_.get()), 0);
    name_ = ptsname(person_.get());
    caller_.emplace([this] { TakeTerminal(); });
  }

  void TakeTerminal() const {
    setsid();
    close(person_.get());  // otherwise the child would keep its own terminal open
    const int terminal = open(name_.c_str(), O_RDWR);
    if (ioctl(terminal, TIOCSCTTY, 0) != 0) _exit(1);
  }

  void Ask(const std::string& question = "Shall it be?") {
    absl::StatusOr<Terminal> terminal = OpenTerminalOf(caller_->Read());
    ASSERT_TRUE(terminal.ok()) << terminal.status();
    EXPECT_EQ(terminal->name, name_);
    confirmation_ = std::make_unique<Confirmation>(*std::move(terminal), question, loop_,
                                                   [this](const absl::Status& status) {
                                                     answer_ = status;
                                                     confirmation_.reset();
                                                     loop_.Stop();
                                                   });
  }

  // Returns what is on the screen so far; waits until there is a prompt.
  std::string Read() {
    std::string shown;
    while (shown.find("> ") == std::string::npos) {
      pollfd readable = {.fd = person_.get(), .events = POLLIN, .revents = 0};
      char bytes[4096];
      if (poll(&readable, 1, 5000) != 1) break;
      const ssize_t count = read(person_.get(), bytes, sizeof bytes);
      if (count <= 0) break;
      shown.append(bytes, static_cast<size_t>(count));
    }
    return shown;
  }
  static std::string NumberIn(const std::string& shown) {
    std::smatch found;
    return std::regex_search(shown, found, std::regex("Type ([0-9]{4}) and Enter")) ? found[1]
                                                                                    : std::string();
  }
  void Type(const std::string& text) {
    ASSERT_EQ(write(person_.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

  Descriptor person_;
  std::string name_;
  std::optional<Child> caller_;
  EventLoop loop_;
  std::unique_ptr<Confirmation> confirmation_;
  std::optional<absl::Status> answer_;
};

TEST_F(ConfirmationTest, ThePersonWhoTypesTheNumberAgrees) {
  Ask("Shall it be?\n  really?");
  const std::string shown = Read();
  EXPECT_THAT(shown, HasSubstr("Shall it be?\r\n  really?"));
  Type(NumberIn(shown) + "\n");
  loop_.Run();
  EXPECT_TRUE(answer_->ok()) << *answer_;
}

TEST_F(ConfirmationTest, AnythingElseRefuses) {
  for (const char* typed : {"yes\n", "y\n", "\n", "00000\n", "\x04", "\r"}) {
    Ask();
    Read();
    Type(typed);
    loop_.Run();
    EXPECT_TRUE(absl::IsPermissionDenied(*answer_)) << typed << *answer_;
  }
}

TEST_F(ConfirmationTest, WhatWasTypedBeforeDoesNotCount) {
  Type("yes\nyes\n");
  Ask();
  Type(NumberIn(Read()) + "\n");
  loop_.Run();
  EXPECT_TRUE(answer_->ok()) << *answer_;
}

TEST_F(ConfirmationTest, TheNumberIsAnotherOneEachTime) {
  std::set<std::string> numbers;
  for (int i = 0; i < 5; ++i) {
    Ask();
    numbers.insert(NumberIn(Read()));
    Type("\n");
    loop_.Run();
  }
  EXPECT_GT(numbers.size(), 1);
}

TEST_F(ConfirmationTest, ATerminalThatGoesRefuses) {
  Ask();
  Read();
  { const Descriptor hung_up = std::move(person_); }
  loop_.Run();
  EXPECT_FALSE(answer_->ok());
}

TEST_F(ConfirmationTest, WhoHasNoTerminalCannotBeAsked) {
  const Child detached([] { setsid(); });
  const absl::StatusOr<Terminal> terminal = OpenTerminalOf(detached.Read());
  EXPECT_THAT(std::string(terminal.status().message()), HasSubstr("has no terminal"));
}

TEST_F(ConfirmationTest, WhoRunsInTheBackgroundCannotBeAsked) {
  caller_.reset();
  // The grandchild is in another process group of the same terminal.
  int number[2];
  ASSERT_EQ(pipe(number), 0);
  caller_.emplace([&] {
    TakeTerminal();
    const pid_t background = fork();
    if (background == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      setpgid(0, 0);
      const pid_t own = getpid();
      if (write(number[1], &own, sizeof own) != sizeof own) _exit(1);
      for (;;) pause();
    }
  });
  pid_t background = 0;
  ASSERT_EQ(read(number[0], &background, sizeof background), sizeof background);
  const absl::StatusOr<Process> process = ReadProcess(background);
  ASSERT_TRUE(process.ok());
  const absl::StatusOr<Terminal> terminal = OpenTerminalOf(*process);
  EXPECT_THAT(std::string(terminal.status().message()), HasSubstr("in the background"));
  close(number[0]);
  close(number[1]);
}

TEST(ProcessTest, NamesTheProgramByItsFileAndForgesNothing) {
  std::string pattern = "/tmp/fbt-XXXXXX";  // short enough to be shown in full
  const std::string directory = mkdtemp(pattern.data());
  // This name would clear the screen and start a new line.
  const std::string path = directory + "/\x1b[2Jnice\nroot";
  std::filesystem::copy_file("/bin/sleep", path);
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execl(path.c_str(), "/usr/bin/firebreak", "60", nullptr);
    _exit(1);
  }
  std::string described;
  do {  // until the child has executed that program
    described = DescribeProgram(*ReadProcess(child));
  } while (described.find("nice") == std::string::npos && waitpid(child, nullptr, WNOHANG) == 0);
  EXPECT_THAT(described, AllOf(HasSubstr("/?[2Jnice?root (process "), HasSubstr("started by /"),
                               Not(ContainsRegex("[^ -~]")), Not(HasSubstr("firebreak,"))));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  std::filesystem::remove_all(directory);
}

TEST(ProcessTest, ATextIsCutWhereItEndsToBeReadable) {
  EXPECT_EQ(Plain("abc", 3), "abc");
  EXPECT_EQ(Plain("abcdefgh", 6), "abc...");
  EXPECT_EQ(Plain("\xe2\x80\xae\t~", 10), "????~");
  EXPECT_EQ(Readable("a new café", 100), "a new café");
  EXPECT_EQ(Readable("\xe2\x80\xae\t\xff\xc2\x9b~", 100), "????~");
  EXPECT_EQ(Readable("éééé", 8), "éééé");
  EXPECT_EQ(Readable("ééééé", 8), "éé...");
}

TEST(ProcessTest, AProcessThatIsGoneIsNotFound) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(absl::IsNotFound(ReadProcess(child).status()));
}

}  // namespace
}  // namespace firebreak::agent
