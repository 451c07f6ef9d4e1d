// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/settings/client_ports.h"

#include <gtest/gtest.h>

namespace firebreak::agent {
namespace {

TEST(ClientPorts, AreReadAsTheKernelWritesThem) {
  EXPECT_EQ(*ParseClientPorts("32768\t60999"), (policy::PortSpan{32768, 60999}));
  EXPECT_EQ(*ParseClientPorts("1024 65535\n"), (policy::PortSpan{1024, 65535}));
}

TEST(ClientPorts, AnythingElseIsRefused) {
  for (const char* text : {"", "1024", "0 65535", "5 4", "1 65536", "1 2 3", "a b", "-1 5"}) {
    EXPECT_FALSE(ParseClientPorts(text).ok()) << text;
  }
}

}  // namespace
}  // namespace firebreak::agent
