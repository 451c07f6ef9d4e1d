// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/object_name.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace firebreak::policy {
namespace {

std::string Join(const std::vector<std::string>& words) {
  ObjectName name(words.at(0));
  for (size_t i = 1; i < words.size(); ++i) name = name / words[i];
  return name.Text();
}

TEST(ObjectName, TheWordsOfUsersStandAsTheyAre) {
  EXPECT_EQ((ObjectName("in") / "corp.branch-7_b" / "ports").Text(), "in/corp.branch-7_b/ports");
}

TEST(ObjectName, WordsThatReadAlikeWhenJoinedStayApart) {
  EXPECT_NE(Join({"in", "a", "b"}), Join({"in", "a/b"}));
  EXPECT_NE(Join({"in", "a", "b"}), Join({"in", "a.b"}));
  EXPECT_NE(Join({"r", "a.b", "c"}), Join({"r", "a", "b.c"}));
  EXPECT_NE(Join({"r", "a", ""}), Join({"r", "a"}));
  EXPECT_NE(Join({"r", "X2f"}), Join({"r", "/"}));
  EXPECT_NE(Join({"r", std::string("a\0", 2)}), Join({"r", "a"}));
}

TEST(ObjectName, LongNamesFitTheKernelAndStayApart) {
  const std::string word(63, 'a');
  std::vector<std::string> words(20, word);
  const std::string one = Join(words);
  words.back().back() = 'b';
  EXPECT_NE(one, Join(words));
  EXPECT_LE(one.size(), 255u);
  // The other name contains, as its own words, the end of the shortened name.
  EXPECT_NE(one, Join({one.substr(0, one.find('/')), one.substr(one.find('/') + 1)}));
}

// Few different bytes and few words make it likely that joined names collide if they can.
TEST(ObjectName, DifferentWordsNeverGiveOneText) {
  constexpr char kBytes[] = {'a', 'X', '.', '/', '_', '-', '2', 'f', '\0', '\xff', ' ', '*'};
  std::minstd_rand random(1);
  std::map<std::string, std::vector<std::string>> made;
  for (int i = 0; i < 200'000; ++i) {
    std::vector<std::string> words(1 + random() % 4);
    const size_t longest = random() % 64 == 0 ? 100 : 4;
    for (std::string& word : words) {
      word.resize(random() % longest);
      for (char& c : word) c = kBytes[random() % sizeof kBytes];
    }
    const std::string text = Join(words);
    EXPECT_LE(text.size(), 255u);
    const auto [at, first] = made.emplace(text, words);
    ASSERT_EQ(at->second, words) << text;
  }
}

}  // namespace
}  // namespace firebreak::policy
