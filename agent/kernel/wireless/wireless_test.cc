// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/wireless/wireless.h"

#include <gtest/gtest.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/nl80211.h>

#include <cstring>
#include <string>
#include <vector>

#include "agent/kernel/wireless/wireless_messages.h"

namespace firebreak::agent {
namespace {

std::string Attribute(uint16_t type, const std::string& value) {
  nlattr header = {};
  header.nla_type = type;
  header.nla_len = static_cast<uint16_t>(NLA_HDRLEN + value.size());
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes += value;
  bytes.resize(NLA_ALIGN(bytes.size()), '\0');
  return bytes;
}

std::string Number(uint32_t number) {
  return std::string(reinterpret_cast<const char*>(&number), sizeof number);
}

// Builds a generic netlink message (<linux/genetlink.h>).
class Message {
 public:
  explicit Message(const std::string& attributes)
      : words_((NLMSG_LENGTH(GENL_HDRLEN) + attributes.size() + 3) / 4) {
    nlmsghdr header = {};
    header.nlmsg_len = static_cast<uint32_t>(NLMSG_LENGTH(GENL_HDRLEN) + attributes.size());
    memcpy(words_.data(), &header, sizeof header);
    memcpy(reinterpret_cast<char*>(words_.data()) + NLMSG_LENGTH(GENL_HDRLEN), attributes.data(),
           attributes.size());
  }
  const nlmsghdr& header() const { return *reinterpret_cast<const nlmsghdr*>(words_.data()); }

 private:
  std::vector<uint32_t> words_;
};

const std::string kMac("\x02\x00\x00\x00\xab\x01", 6);

std::string Bss(uint32_t status) {
  return Attribute(NL80211_ATTR_BSS, Attribute(NL80211_BSS_BSSID, kMac) +
                                         Attribute(NL80211_BSS_STATUS, Number(status)));
}

TEST(WirelessMessages, TheNetworkThatAnInterfaceHasJoined) {
  const Message message(Attribute(NL80211_ATTR_IFINDEX, Number(3)) +
                        Attribute(NL80211_ATTR_IFNAME, std::string("wlan0\0", 6)) +
                        Attribute(NL80211_ATTR_SSID, "corp wlan"));
  EXPECT_EQ(ReadSsid(message.header()), "corp wlan");
}

TEST(WirelessMessages, AnInterfaceThatHasJoinedNone) {
  EXPECT_EQ(ReadSsid(Message(Attribute(NL80211_ATTR_IFINDEX, Number(3))).header()), std::nullopt);
  EXPECT_EQ(ReadSsid(Message(Attribute(NL80211_ATTR_SSID, "")).header()), std::nullopt);
}

TEST(WirelessMessages, ANameLongerThanAnyIsNone) {
  EXPECT_EQ(ReadSsid(Message(Attribute(NL80211_ATTR_SSID, std::string(33, 'x'))).header()),
            std::nullopt);
}

TEST(WirelessMessages, TheAccessPointIsTheOneThatItIsAssociatedWith) {
  EXPECT_EQ(ReadAssociatedBssid(Message(Bss(NL80211_BSS_STATUS_ASSOCIATED)).header()),
            "02:00:00:00:ab:01");
  EXPECT_EQ(ReadAssociatedBssid(Message(Bss(NL80211_BSS_STATUS_AUTHENTICATED)).header()),
            std::nullopt);
  EXPECT_EQ(ReadAssociatedBssid(
                Message(Attribute(NL80211_ATTR_BSS, Attribute(NL80211_BSS_BSSID, kMac))).header()),
            std::nullopt);
}

TEST(WirelessMessages, OfWhatIsCutShortNothingIsMadeUp) {
  const std::string whole = Bss(NL80211_BSS_STATUS_ASSOCIATED);
  for (size_t size = 0; size < whole.size(); ++size) {
    const Message message(whole.substr(0, size));
    EXPECT_EQ(ReadAssociatedBssid(message.header()), std::nullopt) << size;
  }
  EXPECT_EQ(ReadFamilyNumber(Message(Attribute(CTRL_ATTR_FAMILY_ID, "x")).header()), std::nullopt);
}

TEST(Wireless, AsksTheKernelThatThereIs) {
  // Whether the kernel has nl80211 or not, the loopback interface has joined no wireless network.
  absl::StatusOr<Wireless> wireless = Wireless::Open();
  if (!wireless.ok()) {
    EXPECT_TRUE(absl::IsNotFound(wireless.status())) << wireless.status();
    return;
  }
  const auto association = wireless->Read(1);
  ASSERT_TRUE(association.ok()) << association.status();
  EXPECT_EQ(*association, std::nullopt);
}

}  // namespace
}  // namespace firebreak::agent
