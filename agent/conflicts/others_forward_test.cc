// SPDX-License-Identifier: Apache-2.0
#include "agent/conflicts/others_forward.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>

#include <linux/netfilter.h>

namespace firebreak::agent {
namespace {

TEST(OthersForwardTest, WhoTranslatesAddressesOrJudgesWhatIsForwarded) {
  if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root";
  EXPECT_FALSE(OthersForward(NFPROTO_IPV4));
  ASSERT_EQ(system("nft 'table inet firebreak { chain f { type filter hook forward priority 0; "
                   "policy drop; }; }; table ip own { chain i { type filter hook input priority "
                   "0; accept; }; chain e { type nat hook postrouting priority 100; }; }'"),
            0);
  EXPECT_FALSE(OthersForward(NFPROTO_IPV4)) << "none of these is about others' forwarding";
  ASSERT_EQ(system("nft add rule ip own e masquerade"), 0);
  EXPECT_TRUE(OthersForward(NFPROTO_IPV4));
  EXPECT_FALSE(OthersForward(NFPROTO_IPV6));
  ASSERT_EQ(system("nft 'table inet router { chain f { type filter hook forward priority 0; "
                   "policy drop; }; }'"),
            0);
  EXPECT_TRUE(OthersForward(NFPROTO_IPV6));
}

}  // namespace
}  // namespace firebreak::agent
