// SPDX-License-Identifier: Apache-2.0
#include "cli/output/progress.h"

#include <sstream>

#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

class ProgressTest : public testing::Test {
 protected:
  Progress Make(bool terminal) {
    return Progress(out_, terminal, [this] { return now_; });
  }

  std::ostringstream out_;
  absl::Time now_ = absl::UnixEpoch();
};

TEST_F(ProgressTest, RedrawsInPlaceOnATerminal) {
  {
    Progress progress = Make(true);
    progress.Show("1 of 3");
    progress.Show("1 of 3");
    progress.Show("2 of 3");
  }
  EXPECT_EQ(out_.str(), "\r1 of 3\033[K\r2 of 3\033[K\n");
}

TEST_F(ProgressTest, OneLineASecondElsewhere) {
  Progress progress = Make(false);
  progress.Show("1 of 3");
  progress.Show("2 of 3");
  EXPECT_EQ(out_.str(), "1 of 3\n");
  now_ += absl::Seconds(1);
  progress.Show("3 of 3");
  EXPECT_EQ(out_.str(), "1 of 3\n3 of 3\n");
}

TEST_F(ProgressTest, TheLastLineIsNeverLost) {
  {
    Progress progress = Make(false);
    progress.Show("1 of 3");
    progress.Show("3 of 3");
  }
  EXPECT_EQ(out_.str(), "1 of 3\n3 of 3\n");
}

TEST_F(ProgressTest, NothingShownNothingWritten) {
  { Progress progress = Make(true); }
  EXPECT_EQ(out_.str(), "");
}

TEST_F(ProgressTest, LinesAreEscaped) {
  Progress progress = Make(false);
  progress.Show("host \x1b[2J");
  EXPECT_EQ(out_.str(), "host \\x1b[2J\n");
}

}  // namespace
}  // namespace firebreak::cli
