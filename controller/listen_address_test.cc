// SPDX-License-Identifier: Apache-2.0
#include "controller/listen_address.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace firebreak::controller {
namespace {

using testing::HasSubstr;

TEST(ListenAddress, IsAnAddressAndAPort) {
  const auto v4 = ParseListenAddress("0.0.0.0:7443");
  ASSERT_TRUE(v4.ok()) << v4.status();
  EXPECT_EQ(v4->host, "0.0.0.0");
  EXPECT_EQ(v4->port, 7443);
  const auto v6 = ParseListenAddress("[::1]:0");
  ASSERT_TRUE(v6.ok()) << v6.status();
  EXPECT_EQ(v6->host, "::1");
  for (const char* text : {"", "7443", ":7443", "0.0.0.0", "0.0.0.0:", "0.0.0.0:70000", "::1:7443",
                           "[0.0.0.0]:1", "localhost:7443", "0.0.0.0:-1", "[::1]7443"}) {
    EXPECT_FALSE(ParseListenAddress(text).ok()) << text;
  }
}

TEST(ListenAddress, IsWrittenSoThatItCanBeDialled) {
  EXPECT_EQ(HostAndPort("192.0.2.1", 1), "192.0.2.1:1");
  EXPECT_EQ(HostAndPort("::1", 1), "[::1]:1");
  EXPECT_EQ(HostAndPort("ctl.example", 1), "ctl.example:1");
}

TEST(ListenAddress, SaysWhyAPortCannotBeHad) {
  const int taken = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  ASSERT_EQ(bind(taken, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(taken, 1), 0);
  socklen_t size = sizeof(address);
  getsockname(taken, reinterpret_cast<sockaddr*>(&address), &size);
  const ListenAddress same{"127.0.0.1", ntohs(address.sin_port)};
  EXPECT_THAT(std::string(CheckFree(same).message()), HasSubstr("already in use"));
  close(taken);
  EXPECT_TRUE(CheckFree(same).ok());
  EXPECT_FALSE(CheckFree({"192.0.2.1", 0}).ok());
}

}  // namespace
}  // namespace firebreak::controller
