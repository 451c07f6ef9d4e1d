// SPDX-License-Identifier: Apache-2.0
#include "base/address/address.h"

#include <gtest/gtest.h>

namespace firebreak {
namespace {

TEST(Address, BytesAndTextAreTheSame) {
  for (const char* text : {"192.0.2.1", "0.0.0.0", "2001:db8::1", "::", "::ffff:192.0.2.1"}) {
    const auto bytes = ParseAddress(text);
    ASSERT_TRUE(bytes.has_value()) << text;
    EXPECT_EQ(AddressText(*bytes), text);
  }
  EXPECT_EQ(ParseAddress("192.0.2.1"), std::string("\xc0\x00\x02\x01", 4));
  EXPECT_EQ(ParseAddress("::1")->size(), 16u);
}

TEST(Address, NothingElseIsOne) {
  const std::string long_text(100, '1'), with_nul("192.0.2.1\0", 10);
  for (const std::string& text :
       {std::string(), std::string("192.0.2"), std::string("192.0.2.1/24"),
        std::string("192.0.2.01x"), std::string("fe80::1%eth0"), long_text, with_nul}) {
    EXPECT_EQ(ParseAddress(text), std::nullopt) << text;
  }
  EXPECT_EQ(AddressText("abc"), "");
}

TEST(Address, WithAPort) {
  EXPECT_EQ(AddressAndPortText(*ParseAddress("192.0.2.1"), 80), "192.0.2.1:80");
  EXPECT_EQ(AddressAndPortText(*ParseAddress("2001:db8::1"), 80), "[2001:db8::1]:80");
  EXPECT_EQ(AddressAndPortText("abc", 80), "?:80");
}

}  // namespace
}  // namespace firebreak
