// SPDX-License-Identifier: Apache-2.0
#include "cli/input/own_connection.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

namespace firebreak::cli {
namespace {

TEST(OwnConnection, ParsesWhatSshSays) {
  const auto connection = ParseSshConnection("2001:db8::1 50000 192.0.2.2 22");
  ASSERT_TRUE(connection.has_value());
  EXPECT_EQ(*connection, (OwnConnection{"2001:db8::1", 50000, "192.0.2.2", 22}));
  for (const char* text : {"", "192.0.2.1", "192.0.2.1 0 192.0.2.2 22", "a 1 b 65536", "a 1 b 2 c",
                           "192.0.2.1 -1 192.0.2.2 22"}) {
    EXPECT_FALSE(ParseSshConnection(text).has_value()) << text;
  }
}

// The program runs below one that clears its environment, as sudo does.
TEST(OwnConnection, IsFoundInTheProcessesAbove) {
  // /proc shows the environment that a process was started with.
  if (getenv("FIREBREAK_TEST_CHILD") == nullptr) {
    const pid_t child = fork();
    if (child == 0) {
      char self[4096] = "";
      if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) _exit(2);
      const std::string again = "env -i FIREBREAK_TEST_CHILD=1 " + std::string(self) +
                                " --gtest_filter=OwnConnection.IsFoundInTheProcessesAbove; exit $?";
      execle("/bin/sh", "sh", "-c", again.c_str(), nullptr,
             (const char* const[]){"PATH=/usr/bin:/bin",
                                   "SSH_CONNECTION=192.0.2.1 50000 192.0.2.2 22", nullptr});
      _exit(2);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
    return;
  }
  const auto connection = FindOwnConnection();
  ASSERT_TRUE(connection.has_value());
  EXPECT_EQ(connection->local_port, 22);
}

}  // namespace
}  // namespace firebreak::cli
