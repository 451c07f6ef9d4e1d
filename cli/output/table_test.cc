// SPDX-License-Identifier: Apache-2.0
#include "cli/output/table.h"

#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

TEST(Table, AlignsColumnsWithoutTrailingSpace) {
  Table table({"NAME", "STATE"});
  table.AddRow({"web-1", "online"});
  table.AddRow({"a-long-name", "off"});
  EXPECT_EQ(table.Text(false),
            "NAME         STATE\n"
            "web-1        online\n"
            "a-long-name  off\n");
  EXPECT_EQ(table.rows(), 2u);
}

TEST(Table, EmptyCellsStayCountable) {
  Table table({"A", "B"});
  table.AddRow({"", "x"});
  EXPECT_EQ(table.Text(false), "A  B\n-  x\n");
}

TEST(Table, ACellCannotBreakTheRowOrPaintTheTerminal) {
  Table table({"A", "B"});
  table.AddRow({"x\ny\x1b[31m", "z"});
  EXPECT_EQ(table.Text(false), "A             B\nx\\ny\\x1b[31m  z\n");
}

TEST(Table, ColoursDoNotShiftColumns) {
  Table table({"A", "B"});
  table.AddRow({{"on", Colour::kGreen}, "z"});
  EXPECT_EQ(table.Text(true), "\033[1mA\033[0m   \033[1mB\033[0m\n\033[32mon\033[0m  z\n");
  EXPECT_EQ(table.Text(false), "A   B\non  z\n");
}

TEST(Table, WidthIsOfCharacters) {
  Table table({"A", "B"});
  table.AddRow({"éé", "1"});
  table.AddRow({"ab", "2"});
  EXPECT_EQ(table.Text(false, 2), "  A   B\n  éé  1\n  ab  2\n");
}

// Resets the limit at the end, because other tests' tables have none.
class TableLimit : public testing::Test {
 protected:
  ~TableLimit() override { Table::LimitWidth(0); }
};

TEST_F(TableLimit, TheWidestColumnsGoOnBelow) {
  Table table({"HOST", "REASON", "N"});
  table.AddRow({"web-1", "set is full, and more words follow", "1"});
  table.AddRow({"web-2", "-", "2"});
  Table::LimitWidth(28);
  EXPECT_EQ(table.Text(false),
            "HOST   REASON              N\n"
            "web-1  set is full, and    1\n"
            "       more words follow\n"
            "web-2  -                   2\n");
}

TEST_F(TableLimit, AWordThatIsTooLongIsBrokenBetweenCharacters) {
  Table table({"A"});
  table.AddRow({"éééééééééééé"});
  Table::LimitWidth(8);
  EXPECT_EQ(table.Text(false), "A\néééééééé\néééé\n");
}

TEST_F(TableLimit, NoColumnBecomesNarrowerThanItsHeader) {
  Table table({"LONGHEADER", "B"});
  table.AddRow({"12345678901234567890", "b"});
  Table::LimitWidth(4);
  EXPECT_EQ(table.Text(false), "LONGHEADER  B\n1234567890  b\n1234567890\n");
}

}  // namespace
}  // namespace firebreak::cli
