// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/nftables/named_objects.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include <span>
#include <utility>
#include <vector>

#include "agent/kernel/netlink/attributes.h"

namespace firebreak::agent {
namespace {

using ruleset::ConntrackHelper;
using ruleset::ConntrackTimeouts;

// More than the states of any protocol (CTA_TIMEOUT_TCP_MAX).
constexpr int kMaxTimeouts = 32;

void PutDetails(const ruleset::Object& object, nlmsghdr* message) {
  if (const auto* helper = std::get_if<ConntrackHelper>(&object)) {
    mnl_attr_put_strz(message, NFTA_CT_HELPER_NAME, helper->module.c_str());
    mnl_attr_put_u16(message, NFTA_CT_HELPER_L3PROTO, htons(NFPROTO_INET));
    mnl_attr_put_u8(message, NFTA_CT_HELPER_L4PROTO, helper->protocol);
  }
  if (const auto* timeouts = std::get_if<ConntrackTimeouts>(&object)) {
    // The kernel only stores the family: the object serves flows of both.
    mnl_attr_put_u16(message, NFTA_CT_TIMEOUT_L3PROTO, htons(NFPROTO_IPV4));
    mnl_attr_put_u8(message, NFTA_CT_TIMEOUT_L4PROTO, timeouts->protocol);
    nlattr* list = mnl_attr_nest_start(message, NFTA_CT_TIMEOUT_DATA);
    for (uint16_t i = 0; i < timeouts->seconds.size(); ++i) {
      mnl_attr_put_u32(message, i + 1, htonl(timeouts->seconds[i]));
    }
    mnl_attr_nest_end(message, list);
  }
}

std::string Text(std::span<const char> payload) {
  return {payload.data(), strnlen(payload.data(), payload.size())};
}

// Leaves `number` unchanged if the payload does not have the size of T.
template <typename T>
void ReadNumber(std::span<const char> payload, T& number) {
  if (payload.size() == sizeof number) memcpy(&number, payload.data(), sizeof number);
}

std::optional<ConntrackHelper> ReadHelper(std::span<const char> details) {
  ConntrackHelper helper;
  const bool whole = ForEachAttribute(details, [&](int type, std::span<const char> value) {
    if (type == NFTA_CT_HELPER_NAME) helper.module = Text(value);
    if (type == NFTA_CT_HELPER_L4PROTO) ReadNumber(value, helper.protocol);
    return true;
  });
  if (!whole) return std::nullopt;
  return helper;
}

std::optional<ConntrackTimeouts> ReadTimeouts(std::span<const char> details) {
  ConntrackTimeouts timeouts;
  const bool whole = ForEachAttribute(details, [&](int type, std::span<const char> value) {
    if (type == NFTA_CT_TIMEOUT_L4PROTO) ReadNumber(value, timeouts.protocol);
    if (type != NFTA_CT_TIMEOUT_DATA) return true;
    return ForEachAttribute(value, [&](int state, std::span<const char> timeout) {
      if (state < 1 || state > kMaxTimeouts) return false;
      const auto index = static_cast<size_t>(state) - 1;
      if (timeouts.seconds.size() <= index) timeouts.seconds.resize(index + 1);
      uint32_t seconds = 0;
      ReadNumber(timeout, seconds);
      timeouts.seconds[index] = ntohl(seconds);
      return true;
    });
  });
  if (!whole) return std::nullopt;
  return timeouts;
}

}  // namespace

void PutObject(const std::string& name, const ruleset::Object& object, bool whole,
               nlmsghdr* message) {
  mnl_attr_put_strz(message, NFTA_OBJ_TABLE, ruleset::kTableName);
  mnl_attr_put_strz(message, NFTA_OBJ_NAME, name.c_str());
  mnl_attr_put_u32(message, NFTA_OBJ_TYPE, htonl(ObjectType(object)));
  if (!whole) return;
  nlattr* details = mnl_attr_nest_start(message, NFTA_OBJ_DATA);
  PutDetails(object, message);
  mnl_attr_nest_end(message, details);
}

NamedObject ReadObject(const nlmsghdr& message) {
  NamedObject result;
  uint32_t type = 0;
  std::span<const char> details;
  ForEachAttribute(AttributesOf(message, sizeof(nfgenmsg)),
                   [&](int attribute, std::span<const char> value) {
                     switch (attribute) {
                       case NFTA_OBJ_TABLE: result.table = Text(value); break;
                       case NFTA_OBJ_NAME: result.name = Text(value); break;
                       case NFTA_OBJ_TYPE: ReadNumber(value, type); break;
                       case NFTA_OBJ_DATA: details = value; break;
                     }
                     return true;
                   });
  switch (ntohl(type)) {
    case NFT_OBJECT_COUNTER: result.object = ruleset::Counter(); break;
    case NFT_OBJECT_CT_HELPER: result.object = ReadHelper(details); break;
    case NFT_OBJECT_CT_TIMEOUT: result.object = ReadTimeouts(details); break;
  }
  return result;
}

}  // namespace firebreak::agent
