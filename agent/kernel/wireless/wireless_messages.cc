// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/wireless/wireless_messages.h"

#include <linux/genetlink.h>
#include <linux/nl80211.h>
#include <string.h>

#include <span>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "agent/kernel/netlink/attributes.h"

namespace firebreak::agent {
namespace {

using Bytes = std::span<const char>;

constexpr size_t kMaxSsidBytes = 32;  // IEEE 802.11
constexpr size_t kMacBytes = 6;

template <typename Number>
std::optional<Number> ReadNumber(Bytes bytes) {
  if (bytes.size() != sizeof(Number)) return std::nullopt;
  Number number;
  memcpy(&number, bytes.data(), sizeof number);
  return number;
}

// Calls `each` for the attributes behind generic netlink's header.
void ForEach(const nlmsghdr& message, const auto& each) {
  ForEachAttribute(AttributesOf(message, sizeof(genlmsghdr)), [&](uint16_t type, Bytes value) {
    each(type, value);
    return true;
  });
}

std::string MacText(Bytes bytes) {
  std::string text;
  for (const char byte : bytes) {
    absl::StrAppend(&text, text.empty() ? "" : ":",
                    absl::BytesToHexString(absl::string_view(&byte, 1)));
  }
  return text;
}

}  // namespace

std::optional<uint16_t> ReadFamilyNumber(const nlmsghdr& message) {
  std::optional<uint16_t> number;
  ForEach(message, [&](uint16_t type, Bytes value) {
    if (type == CTRL_ATTR_FAMILY_ID) number = ReadNumber<uint16_t>(value);
  });
  return number;
}

std::optional<std::string> ReadSsid(const nlmsghdr& message) {
  std::optional<std::string> ssid;
  ForEach(message, [&](uint16_t type, Bytes value) {
    if (type != NL80211_ATTR_SSID || value.empty() || value.size() > kMaxSsidBytes) return;
    ssid = std::string(value.begin(), value.end());
  });
  return ssid;
}

std::optional<std::string> ReadAssociatedBssid(const nlmsghdr& message) {
  std::optional<std::string> bssid;
  bool associated = false;
  ForEach(message, [&](uint16_t type, Bytes value) {
    if (type != NL80211_ATTR_BSS) return;
    ForEachAttribute(value, [&](uint16_t of_bss, Bytes inner) {
      if (of_bss == NL80211_BSS_STATUS) {
        associated = ReadNumber<uint32_t>(inner) == NL80211_BSS_STATUS_ASSOCIATED;
      }
      if (of_bss == NL80211_BSS_BSSID && inner.size() == kMacBytes) bssid = MacText(inner);
      return true;
    });
  });
  return associated ? bssid : std::nullopt;
}

}  // namespace firebreak::agent
