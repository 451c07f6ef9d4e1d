// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/sockets/listening_sockets.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace firebreak::agent {
namespace {

// A socket of this process, bound to 127.0.0.1 and a port that the kernel chose.
class Bound {
 public:
  explicit Bound(int type) : descriptor_(socket(AF_INET, type, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    socklen_t bytes = sizeof address;
    EXPECT_EQ(getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &bytes), 0);
    port = ntohs(address.sin_port);
  }
  ~Bound() { close(descriptor_); }
  int get() const { return descriptor_; }

  uint16_t port = 0;

 private:
  const int descriptor_;
};

const ListeningSocket* Find(const std::vector<ListeningSocket>& sockets, uint8_t protocol,
                            uint16_t port) {
  for (const ListeningSocket& socket : sockets) {
    if (socket.protocol == protocol && socket.port == port) return &socket;
  }
  return nullptr;
}

TEST(ListeningSockets, AreThoseThatWaitForPeers) {
  const Bound listening(SOCK_STREAM);
  ASSERT_EQ(listen(listening.get(), 1), 0);
  const Bound bound_only(SOCK_STREAM);
  const Bound datagrams(SOCK_DGRAM);
  const auto sockets = ReadListeningSockets();
  ASSERT_TRUE(sockets.ok()) << sockets.status();
  const ListeningSocket* tcp = Find(*sockets, IPPROTO_TCP, listening.port);
  ASSERT_NE(tcp, nullptr);
  EXPECT_EQ(tcp->address, std::string("\x7f\0\0\x01", 4));
  EXPECT_EQ(tcp->user, getuid());
  EXPECT_NE(tcp->inode, 0u);
  EXPECT_EQ(Find(*sockets, IPPROTO_TCP, bound_only.port), nullptr);
  EXPECT_NE(Find(*sockets, IPPROTO_UDP, datagrams.port), nullptr);
}

TEST(ListeningSockets, OnesThatAreConnectedDoNot) {
  const Bound peer(SOCK_DGRAM);
  const Bound connected(SOCK_DGRAM);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(peer.port);
  ASSERT_EQ(connect(connected.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const auto sockets = ReadListeningSockets();
  ASSERT_TRUE(sockets.ok()) << sockets.status();
  EXPECT_EQ(Find(*sockets, IPPROTO_UDP, connected.port), nullptr);
}

}  // namespace
}  // namespace firebreak::agent
