// SPDX-License-Identifier: Apache-2.0
#include "controller/enrolment/renewal_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firebreak::controller {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr absl::Duration kMonth = absl::Hours(24 * 30);

// Returns how many renewals a host gets if it asks every second.
int Granted(RenewalBudget& budget, absl::Time from, absl::Duration during) {
  int granted = 0;
  for (absl::Time now = from; now < from + during; now += absl::Seconds(1)) {
    if (budget.Spend("web1", now).ok()) ++granted;
  }
  return granted;
}

TEST(RenewalBudget, AHostThatAsksAllTheTimeGetsAFewAndThenOneAnHour) {
  RenewalBudget budget(kMonth);
  EXPECT_EQ(Granted(budget, kNow, absl::Minutes(59)), RenewalBudget::kBurst);
  EXPECT_EQ(Granted(budget, kNow + absl::Hours(1), absl::Hours(24)), 24);
}

TEST(RenewalBudget, IsOfEachHost) {
  RenewalBudget budget(kMonth);
  EXPECT_EQ(Granted(budget, kNow, absl::Minutes(1)), RenewalBudget::kBurst);
  EXPECT_TRUE(budget.Spend("web2", kNow).ok());
  const absl::Status refused = budget.Spend("web1", kNow);
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_THAT(std::string(refused.message()), testing::HasSubstr("the next one in 1h"));
}

TEST(RenewalBudget, AClockThatIsSetDoesNotShutAHostOut) {
  for (const absl::Duration by : {-kMonth, kMonth}) {
    RenewalBudget budget(kMonth);
    Granted(budget, kNow, absl::Minutes(1));
    EXPECT_GE(Granted(budget, kNow + by, absl::Hours(3)), 2) << by;
  }
}

TEST(RenewalBudget, CertificatesOfSecondsAreRenewedWithinThem) {
  RenewalBudget budget(absl::Seconds(20));
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(budget.Spend("web1", kNow + i * absl::Seconds(10)).ok()) << i;
  }
}

}  // namespace
}  // namespace firebreak::controller
