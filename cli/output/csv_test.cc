// SPDX-License-Identifier: Apache-2.0
#include "cli/output/csv.h"

#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

TEST(Csv, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(CsvField(""), "");
  EXPECT_EQ(CsvField("web 1"), "web 1");
  EXPECT_EQ(CsvField("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvField("a\nb"), "\"a\nb\"");
  EXPECT_EQ(CsvField("the \"one\""), "\"the \"\"one\"\"\"");
}

}  // namespace
}  // namespace firebreak::cli
