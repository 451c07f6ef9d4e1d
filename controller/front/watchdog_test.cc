// SPDX-License-Identifier: Apache-2.0
#include "controller/front/watchdog.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "base/testing/temporary_directory.h"

namespace firebreak::controller {
namespace {

void Set(const std::string& socket, const std::string& micros, const std::string& process) {
  setenv("NOTIFY_SOCKET", socket.c_str(), 1);
  setenv("WATCHDOG_USEC", micros.c_str(), 1);
  setenv("WATCHDOG_PID", process.c_str(), 1);
}

TEST(Watchdog, IsToldWhatItWantsToHear) {
  const TemporaryDirectory directory;
  const std::string path = absl::StrCat(directory.path(), "/notify");
  const int listener = socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  Set(path, "30000000", absl::StrCat(getpid()));
  const Watchdog watchdog;
  EXPECT_EQ(watchdog.interval(), absl::Seconds(30));
  watchdog.Notify();
  char text[100] = "";
  EXPECT_EQ(recv(listener, text, sizeof text, MSG_DONTWAIT), 10);
  EXPECT_STREQ(text, "WATCHDOG=1");
  close(listener);
}

TEST(Watchdog, IsNotThereOrAnothers) {
  for (const auto& [micros, process] :
       {std::pair("", ""), std::pair("x", ""), std::pair("-1", ""), std::pair("1000000", "1")}) {
    Set("/nowhere", micros, process);
    const Watchdog watchdog;
    EXPECT_EQ(watchdog.interval(), absl::InfiniteDuration()) << micros << " " << process;
    watchdog.Notify();
  }
}

}  // namespace
}  // namespace firebreak::controller
