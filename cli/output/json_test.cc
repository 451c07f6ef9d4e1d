// SPDX-License-Identifier: Apache-2.0
#include "cli/output/json.h"

#include "firebreak/v1/log.pb.h"
#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

TEST(Json, KeepsTheNamesOfFields) {
  v1::LogRecord record;
  record.set_tcp_flags("S");
  EXPECT_EQ(JsonOf(record), R"({"tcp_flags":"S"})");
}

TEST(Json, EscapesAText) {
  EXPECT_EQ(JsonText(""), R"("")");
  EXPECT_EQ(JsonText("a: \"b\"\n"), R"("a: \"b\"\n")");
  EXPECT_EQ(JsonText("Zürich"), R"("Zürich")");
}

}  // namespace
}  // namespace firebreak::cli
