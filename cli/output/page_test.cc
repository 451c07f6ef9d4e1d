// SPDX-License-Identifier: Apache-2.0
#include "cli/output/page.h"

#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

TEST(Page, WrapsAParagraphAt80Columns) {
  Page page;
  page.Section("DESCRIPTION");
  page.Paragraph(std::string(70, 'a') + " bbbbb ccccc");
  EXPECT_EQ(std::move(page).Take(),
            "DESCRIPTION\n    " + std::string(70, 'a') + " bbbbb\n    ccccc\n");
}

TEST(Page, EveryParagraphIsIndentedAndWrappedByItself) {
  Page page;
  page.Section("DESCRIPTION");
  page.Paragraphs("First one.\n\nWith --set, " + std::string(64, 'a') + " bbbbb.\n\nThird.");
  EXPECT_EQ(std::move(page).Take(),
            "DESCRIPTION\n"
            "    First one.\n"
            "\n"
            "    With --set, " +
                std::string(64, 'a') +
                "\n"
                "    bbbbb.\n"
                "\n"
                "    Third.\n");
}

TEST(Page, MeaningsStandBesideTheirTerms) {
  Page page;
  page.Section("OPTIONS");
  page.Terms({{"-R", "go into directories"}, {"--set NAME", "the set"}});
  EXPECT_EQ(std::move(page).Take(),
            "OPTIONS\n"
            "    -R          go into directories\n"
            "    --set NAME  the set\n");
}

}  // namespace
}  // namespace firebreak::cli
