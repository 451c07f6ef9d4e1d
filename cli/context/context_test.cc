// SPDX-License-Identifier: Apache-2.0
#include "cli/context/context.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kGood[] = R"(controller: 10.0.0.1:7443
ca: |
  -----BEGIN CERTIFICATE-----
  AAAA
  -----END CERTIFICATE-----
certificate: |
  -----BEGIN CERTIFICATE-----
  BBBB
  -----END CERTIFICATE-----
key: |
  -----BEGIN PRIVATE KEY-----
  c2VjcmV0
  -----END PRIVATE KEY-----
)";

class ContextTest : public testing::Test {
 protected:
  ~ContextTest() override { unlink(path_.c_str()); }

  absl::StatusOr<Context> Read(const std::string& text, mode_t mode = 0600) {
    std::ofstream(path_, std::ios::trunc) << text;
    EXPECT_EQ(chmod(path_.c_str(), mode), 0);
    return ReadContext(path_);
  }

  std::string Replaced(const std::string& from, const std::string& to) {
    std::string text = kGood;
    return text.replace(text.find(from), from.size(), to);
  }

  const std::string path_ = testing::TempDir() + "/context_" + std::to_string(getpid()) + ".yaml";
};

TEST_F(ContextTest, ReadsTheFourKeys) {
  const auto context = Read(kGood);
  ASSERT_TRUE(context.ok()) << context.status();
  EXPECT_EQ(context->controller, "10.0.0.1:7443");
  EXPECT_THAT(context->ca, HasSubstr("AAAA"));
  EXPECT_THAT(context->certificate, HasSubstr("BBBB"));
  EXPECT_EQ(context->key, "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
}

TEST_F(ContextTest, RefusesAFileThatOthersCanRead) {
  for (const mode_t mode : {0640, 0604, 0660, 0610}) {
    const auto context = Read(kGood, mode);
    EXPECT_EQ(context.status().code(), absl::StatusCode::kPermissionDenied) << mode;
    EXPECT_THAT(std::string(context.status().message()), HasSubstr("chmod 600 '" + path_ + "'"));
  }
  EXPECT_TRUE(Read(kGood, 0400).ok());
}

TEST_F(ContextTest, RefusesWhatIsMissingOrUnknown) {
  EXPECT_THAT(std::string(Read(Replaced("key:", "kee:")).status().message()),
              HasSubstr("unknown key 'kee'"));
  EXPECT_THAT(std::string(Read("controller: h:1\n").status().message()),
              HasSubstr("'ca' is missing"));
  EXPECT_THAT(std::string(Read("- a\n").status().message()), HasSubstr("not a context"));
  EXPECT_THAT(std::string(Read("").status().message()), HasSubstr("not a context"));
  EXPECT_THAT(std::string(Read(std::string(300 << 10, '#')).status().message()),
              HasSubstr("too large"));
}

TEST_F(ContextTest, RefusesAddressesThatAreNone) {
  for (const char* address : {"10.0.0.1", ":7443", "host:0", "host:70000", "host:x",
                              "'unix:/tmp/s:1'", "'2001:db8::1:7443'"}) {
    const auto context = Read(Replaced("10.0.0.1:7443", address));
    EXPECT_THAT(std::string(context.status().message()), HasSubstr("HOST:PORT")) << address;
  }
  EXPECT_TRUE(Read(Replaced("10.0.0.1:7443", "'[2001:db8::1]:7443'")).ok());
}

TEST_F(ContextTest, ErrorsNeverQuoteTheContent) {
  const auto context = Read(Replaced("  c2VjcmV0\n", "c2VjcmV0: : [\n"));
  ASSERT_FALSE(context.ok());
  EXPECT_THAT(std::string(context.status().message()), Not(HasSubstr("c2VjcmV0")));
}

TEST_F(ContextTest, AnAbsentFileIsAnsweredWithTheNextStep) {
  const auto context = ReadContext(path_ + ".absent");
  EXPECT_EQ(context.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(context.status().message()), HasSubstr("admin.yaml"));
}

TEST_F(ContextTest, ADirectoryOrAPipeIsNoContext) {
  EXPECT_FALSE(ReadContext(testing::TempDir()).ok());
  ASSERT_EQ(mkfifo((path_ + ".fifo").c_str(), 0600), 0);
  EXPECT_FALSE(ReadContext(path_ + ".fifo").ok()) << "and does not hang";
  unlink((path_ + ".fifo").c_str());
}

TEST(ContextPath, FlagThenEnvironmentThenHome) {
  setenv("HOME", "/home/op", 1);
  unsetenv("XDG_CONFIG_HOME");
  unsetenv("FIREBREAK_CONTEXT");
  EXPECT_EQ(ContextPath(""), "/home/op/.config/firebreak/context.yaml");
  setenv("XDG_CONFIG_HOME", "/xdg", 1);
  EXPECT_EQ(ContextPath(""), "/xdg/firebreak/context.yaml");
  setenv("FIREBREAK_CONTEXT", "/env.yaml", 1);
  EXPECT_EQ(ContextPath(""), "/env.yaml");
  EXPECT_EQ(ContextPath("/flag.yaml"), "/flag.yaml");
  unsetenv("FIREBREAK_CONTEXT");
}

}  // namespace
}  // namespace firebreak::cli
