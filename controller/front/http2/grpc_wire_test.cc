// SPDX-License-Identifier: Apache-2.0
#include "controller/front/http2/grpc_wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firebreak::controller {
namespace {

using testing::Optional;

constexpr size_t kMax = 100;

TEST(GrpcWire, AMessageHasItsLengthInFront) {
  EXPECT_EQ(*ToWire("abc"), std::string("\0\0\0\0\3abc", 8));
  EXPECT_EQ(ToWire(std::string(0x010203, 'x'))->substr(0, 5), std::string("\0\0\1\2\3", 5));
}

TEST(GrpcWire, MessagesAreFoundWhereverTheBytesAreCut) {
  const std::string bytes = *ToWire("first") + *ToWire("") + *ToWire("third");
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    MessageReader reader;
    std::vector<std::string> messages;
    for (const std::string& part : {bytes.substr(0, cut), bytes.substr(cut)}) {
      reader.Append(part);
      for (;;) {
        const auto next = reader.Next(kMax);
        ASSERT_TRUE(next.ok());
        if (!next->has_value()) break;
        messages.push_back(**next);
      }
    }
    EXPECT_THAT(messages, testing::ElementsAre("first", "", "third"));
    EXPECT_EQ(reader.buffered(), 0u);
  }
}

TEST(GrpcWire, ALongMessageIsRefusedByItsPrefix) {
  MessageReader reader;
  reader.Append(ToWire(std::string(kMax + 1, 'x'))->substr(0, 5));
  EXPECT_TRUE(absl::IsResourceExhausted(reader.Next(kMax).status()));
}

TEST(GrpcWire, OnlyPlainMessagesAreTaken) {
  MessageReader compressed;
  compressed.Append(std::string("\1\0\0\0\0", 5));
  EXPECT_TRUE(absl::IsUnimplemented(compressed.Next(kMax).status()));
  MessageReader other;
  other.Append(std::string("\2\0\0\0\0", 5));
  EXPECT_TRUE(absl::IsInvalidArgument(other.Next(kMax).status()));
}

TEST(GrpcWire, AnErrorsTextIsPrintableAscii) {
  EXPECT_EQ(PercentEncoded("not here"), "not here");
  EXPECT_EQ(PercentEncoded("100 %\n\xc3\xb6"), "100 %25%0A%C3%B6");
}

TEST(GrpcWire, Timeouts) {
  using std::chrono::nanoseconds;
  EXPECT_THAT(ParseTimeout("200m"), Optional(nanoseconds(200'000'000)));
  EXPECT_THAT(ParseTimeout("1H"), Optional(nanoseconds(std::chrono::hours(1))));
  EXPECT_THAT(ParseTimeout("99999999n"), Optional(nanoseconds(99'999'999)));
  EXPECT_THAT(ParseTimeout("99999999H"), Optional(nanoseconds(kLongestTimeout)));
  EXPECT_THAT(ParseTimeout("0S"), Optional(nanoseconds(0)));
  for (const char* text : {"", "S", "5", "5s", "-5S", " 5S", "100000000S", "5.5S"}) {
    EXPECT_EQ(ParseTimeout(text), std::nullopt) << text;
  }
}

TEST(GrpcWire, ContentTypes) {
  for (const char* type : {"application/grpc", "application/grpc+proto", "application/grpc;a=b"}) {
    EXPECT_TRUE(IsGrpcType(type)) << type;
  }
  for (const char* type : {"", "application/grpc-web", "application/json", "application/grp"}) {
    EXPECT_FALSE(IsGrpcType(type)) << type;
  }
}

}  // namespace
}  // namespace firebreak::controller
