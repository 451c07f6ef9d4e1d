// SPDX-License-Identifier: Apache-2.0

// Runs the program itself, without a controller.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Outcome {
  int status = -1;
  std::string out;
  std::string err;
};

std::string Slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class FirebreakTest : public testing::Test {
 protected:
  FirebreakTest() : base_(absl::StrCat(testing::TempDir(), "/firebreak_", getpid())) {
    setenv("HOME", testing::TempDir().c_str(), 1);
    unsetenv("FIREBREAK_CONTEXT");
  }
  ~FirebreakTest() override {
    for (const char* suffix : {".out", ".err", ".yaml"}) unlink((base_ + suffix).c_str());
  }

  // Runs `line` in a shell, in which $fb stands for the program.
  Outcome Shell(const std::string& line) {
    const std::string script = absl::StrCat("fb=cli/firebreak; exec >", base_, ".out 2>", base_,
                                            ".err </dev/null; ", line);
    const int raw = system(absl::StrCat("bash -c '", script, "'").c_str());
    return {WIFEXITED(raw) ? WEXITSTATUS(raw) : -1, Slurp(base_ + ".out"), Slurp(base_ + ".err")};
  }

  std::string WriteContext(const std::string& text, mode_t mode) {
    const std::string path = base_ + ".yaml";
    std::ofstream(path, std::ios::trunc) << text;
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }

  const std::string base_;
};

TEST_F(FirebreakTest, EveryVerbHasAPage) {
  for (const char* verb :
       {"",        "token",       "token create",   "apply",        "diff",       "get",
        "delete",  "host",        "host list",      "host status",  "host rules", "host revoke",
        "mapping", "mapping add", "mapping remove", "mapping list", "enable",     "disable",
        "version", "completion",  "switch clear",   "switch list"}) {
    const Outcome outcome = Shell(absl::StrCat("$fb ", verb, " --help"));
    EXPECT_EQ(outcome.status, 0) << verb;
    EXPECT_THAT(outcome.err, IsEmpty()) << verb;
    EXPECT_THAT(outcome.out,
                HasSubstr(absl::StrCat("NAME\n    firebreak", *verb ? " " : "", verb, " - ")));
    EXPECT_THAT(outcome.out, HasSubstr("SYNOPSIS\n"));
    EXPECT_THAT(outcome.out, HasSubstr("EXIT STATUS\n    0  done\n"));
    EXPECT_THAT(outcome.out, Not(HasSubstr("\033"))) << "no colours off a terminal";
  }
}

TEST_F(FirebreakTest, ExplainsVerbsAndFields) {
  EXPECT_THAT(Shell("$fb help").out,
              AllOf(HasSubstr("NAME\n    firebreak - "), HasSubstr("KINDS OF RESOURCES")));
  EXPECT_EQ(Shell("$fb help host list").out, Shell("$fb host list --help").out);
  EXPECT_THAT(Shell("$fb help policy.firewall").out, HasSubstr("on, off or observe"));
  const Outcome unknown = Shell("$fb help policy.firewal");
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean \"firewall\""));
}

TEST_F(FirebreakTest, WrongUsageIs2AndLeavesTheOutputEmpty) {
  for (const char* line : {"", "frobnicate", "host", "apply", "get hosts", "enable",
                           "mapping add --host h", "host list -o xml", "host status"}) {
    const Outcome outcome = Shell(absl::StrCat("$fb ", line));
    EXPECT_EQ(outcome.status, 2) << line;
    EXPECT_THAT(outcome.out, IsEmpty()) << line;
    EXPECT_THAT(outcome.err, HasSubstr("--help`")) << line;
  }
}

TEST_F(FirebreakTest, NoContextIs4WithTheNextStep) {
  const Outcome outcome = Shell("$fb host list --context /nonexistent/context.yaml");
  EXPECT_EQ(outcome.status, 4);
  EXPECT_THAT(outcome.err, HasSubstr("/nonexistent/context.yaml"));
  EXPECT_THAT(outcome.err, HasSubstr("admin.yaml"));
}

TEST_F(FirebreakTest, AContextThatOthersCanReadIsRefusedBeforeUse) {
  const std::string path = WriteContext("controller: 127.0.0.1:1\nkey: secretive\n", 0644);
  const Outcome outcome = Shell("FIREBREAK_CONTEXT=" + path + " $fb host list");
  EXPECT_EQ(outcome.status, 4);
  EXPECT_THAT(outcome.err, HasSubstr("chmod 600"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("secretive")));
}

TEST_F(FirebreakTest, AControllerThatIsNotThereIs4WithItsAddress) {
  // An actual context's files are made by the controller; here OpenSSL makes them.
  const std::string dir = testing::TempDir();
  ASSERT_EQ(system(absl::StrCat("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
                                "-nodes -subj /CN=x -keyout ",
                                dir, "/k.pem -out ", dir, "/c.pem >/dev/null 2>&1")
                       .c_str()),
            0);
  const auto block = [&](const std::string& file) {
    std::string text;
    std::ifstream in(dir + file);
    for (std::string line; std::getline(in, line);) absl::StrAppend(&text, "  ", line, "\n");
    return text;
  };
  const std::string path =
      WriteContext(absl::StrCat("controller: 127.0.0.1:1\nca: |\n", block("/c.pem"),
                                "certificate: |\n", block("/c.pem"), "key: |\n", block("/k.pem")),
                   0600);
  const Outcome list = Shell("$fb host list --context " + path);
  EXPECT_EQ(list.status, 4);
  EXPECT_THAT(list.err, HasSubstr("cannot reach the controller at 127.0.0.1:1"));
  EXPECT_THAT(list.err, HasSubstr("check that it runs"));
  const Outcome version = Shell("$fb version --context " + path);
  EXPECT_EQ(version.status, 0) << "the client's own version is an answer";
  EXPECT_THAT(version.out, testing::StartsWith("firebreak "));
}

TEST_F(FirebreakTest, FilesThatCannotBeReadAre1AndHugeOnes3) {
  EXPECT_EQ(Shell("$fb apply -f /nonexistent.yaml").status, 1);
  const std::string path = WriteContext("", 0600);
  ASSERT_EQ(truncate(path.c_str(), 50 << 20), 0);
  const Outcome huge = Shell("$fb apply -f " + path);
  EXPECT_EQ(huge.status, 3);
  EXPECT_THAT(huge.err, HasSubstr("50 MiB, but at most 8 MiB"));
  EXPECT_THAT(huge.err, HasSubstr("nothing was changed"));
}

TEST_F(FirebreakTest, WhoeverReadsNoFurtherHearsNoComplaint) {
  const Outcome outcome = Shell(
      "$fb get services --builtin | head -n 1; echo ${PIPESTATUS[0]}; "
      "for i in 1 2 3; do $fb completion bash; done | true");
  EXPECT_THAT(outcome.out, testing::StartsWith("SERVICE "));
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST_F(FirebreakTest, ARefusalIsDataWhereDataWasAskedFor) {
  const Outcome outcome = Shell("$fb host list -o json --context /nonexistent/context.yaml");
  EXPECT_EQ(outcome.status, 4);
  EXPECT_THAT(outcome.out, testing::StartsWith("{"));
  EXPECT_THAT(outcome.out, HasSubstr("\"exit_status\": 4"));
  EXPECT_THAT(outcome.out, HasSubstr("/nonexistent/context.yaml"));
}

TEST_F(FirebreakTest, ServicesOfTheReadmeAreInTheCatalogue) {
  for (const char* name : {"https", "ssh", "dns", "rdp"}) {
    EXPECT_EQ(Shell(absl::StrCat("$fb get service ", name, " --builtin")).status, 0) << name;
  }
  EXPECT_EQ(Shell("$fb get service remote-desktop --builtin").status, 1);
}

TEST_F(FirebreakTest, AnOutputThatCannotBeWrittenIsSaid) {
  const Outcome outcome = Shell("$fb --help >/dev/full");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("cannot be written"));
}

// Tests the words that bash offers to complete the last of the given words.
TEST_F(FirebreakTest, BashCompletesVerbsOptionsAndValues) {
  const auto offered = [&](const std::string& words) {
    return Shell(absl::StrCat("source <($fb completion bash); COMP_WORDS=(firebreak ", words,
                              "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _firebreak; "
                              "echo \"${COMPREPLY[@]}\""))
        .out;
  };
  EXPECT_EQ(offered("ho"), "host\n");
  EXPECT_EQ(offered("host \"\""),
            "list status interfaces mappings flows sockets rules settings trace requests grant "
            "refuse logs "
            "set forget revoke -h --help --context --local --socket -o --output\n");
  EXPECT_EQ(offered("host list --gr"), "--group\n");
  EXPECT_EQ(offered("host list -o j"), "json jsonl\n");
  EXPECT_EQ(offered("-o yaml get pol"), "policy\n");
  EXPECT_EQ(offered("mapping add --host \"\""), "\n") << "a host's name: nothing to offer";
}

}  // namespace
}  // namespace firebreak::cli
