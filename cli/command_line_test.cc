// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.h"

#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/completion/command_tree.h"
#include "cli/completion/shells.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

using testing::HasSubstr;

// Parses with a fresh parser; returns nullopt if the command may run.
std::optional<ExitStatus> Parse(const std::vector<std::string>& arguments,
                                std::string* err_text = nullptr, Format* format = nullptr) {
  CommandLine line;
  std::ostringstream out;
  std::ostringstream err;
  const auto status = line.Parse(arguments, out, err);
  if (err_text != nullptr) *err_text = err.str();
  if (format != nullptr) *format = line.command().options.format;
  EXPECT_EQ(!status.has_value(), line.command().run != nullptr);
  return status;
}

TEST(CommandLine, WhatMayRun) {
  const std::vector<std::vector<std::string>> lines = {
      {"token", "create"},
      {"token", "create", "--ttl", "7d", "--uses", "5", "--label", "a=b", "--label", "c="},
      {"apply", "-f", "a.yaml", "b.yaml", "-f", "-", "--wait", "--timeout", "2m"},
      {"get", "Policies"},
      {"get", "policy", "web"},
      {"get", "all"},
      {"delete", "Policy/web"},
      {"delete", "group", "web", "--wait"},
      {"diff", "-f", "x"},
      {"plan", "-f", "x", "--fail-on", "opened,closed", "--markdown"},
      {"plan", "--label", "web-1:role=db"},
      {"plan", "--from", "old", "-f", "new", "--hosts", "hosts.json"},
      {"host", "list", "--group", "web"},
      {"host", "rules", "--elements", "web-1"},
      {"host", "flows", "web-1", "--protocol", "tcp", "--port", "22", "-n", "5"},
      {"host", "sockets", "--group", "web", "--timeout", "5s"},
      {"--local", "status"},
      {"audit", "-f", "--since", "24h", "--host", "web-1", "-n", "5"},
      {"audit", "--since", "2026-11-21"},
      {"host", "flows", "web-1", "--state", "ESTABLISHED"},
      {"audit", "verify", "--anchor", "x"},
      {"mappings", "--everywhere", "--local", "--socket", "x"},
      {"host", "revoke", "web-1"},
      {"mapping", "add", "--host", "h", "--service", "ssh"},
      {"mapping", "add", "--group", "g", "--protocol", "tcp", "--ports", "80,443", "--from",
       "10.0.0.0/8,fd00::/8", "--name", "n", "--block", "--interface", "eth0"},
      {"mapping", "add", "--host", "h", "--protocol", "esp"},
      {"mapping", "remove", "--host", "h", "ssh"},
      {"mapping", "remove", "--host", "h", "--name", "ssh"},
      {"mapping", "list"},
      {"enable", "--host", "h", "--wait"},
      {"disable", "--group", "g", "--interface", "wlan0"},
      {"version"},
      {"completion", "zsh"},
  };
  for (const auto& line : lines) {
    std::string err;
    EXPECT_EQ(Parse(line, &err), std::nullopt) << testing::PrintToString(line) << ": " << err;
  }
}

TEST(CommandLine, WrongUsageIsExitStatus2) {
  const std::vector<std::vector<std::string>> lines = {
      {},
      {"hots"},
      {"host"},
      {"host", "foo"},
      {"host", "status"},
      {"host", "status", "a", "b"},
      {"host", "list", "--bogus"},
      {"host", "list", "-o", "xml"},
      {"apply"},
      {"apply", "-f"},
      {"apply", "-f", "x", "--timeout", "30"},
      {"get"},
      {"get", "hosts"},
      {"get", "all", "web"},
      {"delete", "policy"},
      {"delete", "all"},
      {"token", "create", "--ttl", "0s"},
      {"token", "create", "--ttl", "31d"},
      {"token", "create", "--uses", "0"},
      {"token", "create", "--uses", "100001"},
      {"token", "create", "--label", "role"},
      {"token", "create", "--label", "a=1", "--label", "a=2"},
      {"mapping", "add", "--service", "ssh"},
      {"mapping", "add", "--host", "h"},
      {"mapping", "add", "--host", "h", "--group", "g", "--service", "ssh"},
      {"mapping", "add", "--host", "h", "--service", "ssh", "--protocol", "tcp"},
      {"mapping", "add", "--host", "h", "--service", "ssh", "--ports", "22"},
      {"mapping", "add", "--host", "h", "--ports", "22"},
      {"mapping", "remove", "--host", "h"},
      {"enable"},
      {"disable", "--interface", "eth0"},
      {"completion", "tcsh"},
      {"audit", "--bogus"},
      {"audit", "-f", "verify"},
      {"audit", "--since", "1h", "verify"},
      {"host", "flows", "web-1", "--state", "foo"},
      {"host", "status", "caf\xe9"},
  };
  for (const auto& line : lines) {
    std::string err;
    EXPECT_EQ(Parse(line, &err), ExitStatus::kUsage) << testing::PrintToString(line);
    EXPECT_THAT(err, testing::StartsWith("firebreak: ")) << testing::PrintToString(line);
  }
}

TEST(CommandLine, UnknownVerbsAreAnsweredWithTheKnown) {
  std::string err;
  Parse({"host", "lst"}, &err);
  EXPECT_THAT(err,
              testing::StartsWith(
                  "firebreak: `firebreak host` has no verb 'lst'; the verbs are list, status, "));
  EXPECT_THAT(err, testing::EndsWith("revoke\ntry `firebreak host --help`\n"));
}

// The error names the wrong option even if the verb has further verbs below it.
TEST(CommandLine, AWrongOptionIsNamed) {
  std::string err;
  Parse({"audit", "--since", "xyz"}, &err);
  EXPECT_THAT(err, HasSubstr("'xyz'"));
  Parse({"audit", "-n", "abc"}, &err);
  EXPECT_THAT(err, HasSubstr("abc"));
  Parse({"audit", "--bogus"}, &err);
  EXPECT_THAT(err, HasSubstr("--bogus"));
  Parse({"-o", "foo"}, &err);
  EXPECT_THAT(err, HasSubstr("'foo'"));
  Parse({"audit", "foo"}, &err);
  EXPECT_THAT(err, HasSubstr("has no verb 'foo'; the only verb is verify"));
  Parse({"host"}, &err);
  EXPECT_THAT(err, HasSubstr("`firebreak host` needs a verb; the verbs are list"));
}

TEST(CommandLine, OptionsOfEveryVerbStandBeforeOrAfterIt) {
  Format format = Format::kTable;
  EXPECT_EQ(Parse({"-o", "json", "host", "list"}, nullptr, &format), std::nullopt);
  EXPECT_EQ(format, Format::kJson);
  EXPECT_EQ(Parse({"host", "list", "--output=yaml", "--context", "x"}, nullptr, &format),
            std::nullopt);
  EXPECT_EQ(format, Format::kYaml);
}

TEST(CommandLine, NamesMayBeWordsOfTheProgram) {
  EXPECT_EQ(Parse({"host", "status", "list"}), std::nullopt);
  EXPECT_EQ(Parse({"get", "policy", "apply"}), std::nullopt);
  EXPECT_EQ(Parse({"delete", "group", "host"}), std::nullopt);
  EXPECT_EQ(Parse({"mapping", "remove", "--host", "version", "add"}), std::nullopt);
}

TEST(CommandLine, LabelsDoNotSwallowWhatFollows) {
  EXPECT_EQ(Parse({"token", "create", "--label", "a=b", "stray"}), ExitStatus::kUsage);
}

class CompletionTest : public testing::Test {
 protected:
  CommandLine line_;
  const CommandNode tree_ = ReadCommandTree(line_.app());
};

TEST_F(CompletionTest, EveryVerbIsInTheTree) {
  std::vector<std::string> paths;
  for (const PathNode& entry : Flatten(tree_)) {
    if (entry.node->runs) paths.push_back(entry.path);
  }
  for (const char* question : {"interfaces", "mappings", "flows", "sockets", "rules", "settings"}) {
    EXPECT_THAT(paths, testing::Contains(question));
    EXPECT_THAT(paths, testing::Contains(absl::StrCat("host ", question)));
  }
  EXPECT_THAT(paths,
              testing::IsSupersetOf(
                  {"token create",   "apply",        "diff",        "plan",         "get",
                   "delete",         "host list",    "host status", "host revoke",  "mapping add",
                   "mapping remove", "mapping list", "audit",       "audit verify", "enable",
                   "disable",        "logs",         "status",      "version",      "completion"}));
}

TEST_F(CompletionTest, EveryShellKnowsEveryVerbAndOption) {
  for (const std::string& script :
       {BashCompletion(tree_), ZshCompletion(tree_), FishCompletion(tree_)}) {
    for (const PathNode& entry : Flatten(tree_)) {
      EXPECT_THAT(script, HasSubstr(entry.path.empty() ? "" : "'" + entry.path + "'"));
      for (const OptionNode& option : entry.node->options) {
        EXPECT_THAT(script, HasSubstr(option.long_name)) << entry.path;
      }
    }
    EXPECT_THAT(script, HasSubstr("table json yaml"));
  }
}

TEST_F(CompletionTest, ValuesAndFilesAreKnown) {
  for (const PathNode& entry : Flatten(tree_)) {
    if (entry.path == "completion") {
      EXPECT_THAT(entry.node->argument.choices, testing::ElementsAre("bash", "zsh", "fish"));
    }
    if (entry.path != "apply") continue;
    bool found = false;
    for (const OptionNode& option : entry.node->options) {
      if (option.long_name == "file") found = option.value.is_file;
      EXPECT_TRUE(option.long_name != "wait" || !option.value.taken);
    }
    EXPECT_TRUE(found);
  }
}

}  // namespace
}  // namespace firebreak::cli
