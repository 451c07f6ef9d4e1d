// SPDX-License-Identifier: Apache-2.0
#include "controller/command_line.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace firebreak::controller {
namespace {

CommandLine Parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"firebreak-controller", "--data-dir", "/nowhere"});
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  return ParseCommandLine(static_cast<int>(argv.size()), argv.data());
}

TEST(CommandLine, ABeaconAndItsKeyNeedEachOther) {
  EXPECT_TRUE(Parse({}).options.has_value());
  const auto both = Parse({"--beacon", "192.0.2.1:7444", "--beacon-key", "key.pem"});
  ASSERT_TRUE(both.options.has_value());
  EXPECT_EQ(both.options->beacon_key, "key.pem");
  EXPECT_EQ(Parse({"--beacon", "192.0.2.1:7444"}).exit_status, 2);
  const auto key = Parse({"--beacon-key", "key.pem"});
  EXPECT_FALSE(key.options.has_value());
  EXPECT_EQ(key.exit_status, 2);
}

TEST(CommandLine, AControllerIsReachedWhereItListensUnlessToldOtherwise) {
  const auto advertised = [](std::vector<std::string> arguments) {
    return Parse(std::move(arguments)).options.value_or(ControllerOptions()).advertise;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(advertised({"--listen", "192.0.2.1:7443"}), Names{"192.0.2.1"});
  EXPECT_EQ(advertised({"--listen", "[2001:db8::1]:7443"}), Names{"2001:db8::1"});
  EXPECT_EQ(advertised({"--listen", "192.0.2.1:7443", "--advertise", "a,b"}), (Names{"a", "b"}));
  EXPECT_EQ(advertised({"--listen", "0.0.0.0:7443"}), Names());
  EXPECT_EQ(advertised({"--listen", "[::]:7443"}), Names());
  EXPECT_EQ(advertised({}), Names());
}

}  // namespace
}  // namespace firebreak::controller
