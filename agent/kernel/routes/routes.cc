// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/routes/routes.h"

#include <sys/socket.h>

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include <array>
#include <span>

#include "absl/strings/str_cat.h"
#include "agent/kernel/netlink/attributes.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

constexpr int kTries = 5;
constexpr size_t kRequestBytes = 256;

uint32_t Number(std::span<const char> payload) {
  uint32_t number = 0;
  if (payload.size() >= sizeof number) memcpy(&number, payload.data(), sizeof number);
  return number;
}

std::optional<rtmsg> RouteOf(const nlmsghdr& message) {
  if (message.nlmsg_type != RTM_NEWROUTE || message.nlmsg_len < NLMSG_LENGTH(sizeof(rtmsg))) {
    return std::nullopt;
  }
  rtmsg route;
  memcpy(&route, NLMSG_DATA(&message), sizeof route);
  return route;
}

}  // namespace

absl::StatusOr<Routes> Routes::Open() {
  ASSIGN_OR_RETURN(NetlinkSocket socket, NetlinkSocket::Open(NETLINK_ROUTE));
  return Routes(std::move(socket));
}

absl::StatusOr<bool> Routes::HasOwnRules() {
  alignas(nlmsghdr) std::array<char, kRequestBytes> buffer;
  nlmsghdr* request = mnl_nlmsg_put_header(buffer.data());
  request->nlmsg_type = RTM_GETRULE;
  request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request->nlmsg_seq = ++sequence_;
  auto* header =
      static_cast<fib_rule_hdr*>(mnl_nlmsg_put_extra_header(request, sizeof(fib_rule_hdr)));
  header->family = AF_INET;
  bool own = false;
  const absl::Status status =
      socket_.Dump({buffer.data(), request->nlmsg_len}, [&](const nlmsghdr& message) {
        if (message.nlmsg_len < NLMSG_LENGTH(sizeof(fib_rule_hdr))) return;
        fib_rule_hdr rule;
        memcpy(&rule, NLMSG_DATA(&message), sizeof rule);
        // A table with a number above 255 is RT_TABLE_COMPAT here.
        own = own || (rule.table != RT_TABLE_LOCAL && rule.table != RT_TABLE_MAIN &&
                      rule.table != RT_TABLE_DEFAULT);
      });
  if (!status.ok() && !absl::IsAborted(status)) {
    return absl::Status(status.code(), absl::StrCat("read routing rules: ", status.message()));
  }
  return own;
}

absl::StatusOr<std::vector<LocalRoute>> Routes::ReadLocal() {
  std::vector<LocalRoute> routes;
  for (const unsigned char family : {AF_INET, AF_INET6}) {
    absl::Status status;
    for (int i = 0; i < kTries; ++i) {
      const size_t before = routes.size();
      alignas(nlmsghdr) std::array<char, kRequestBytes> buffer;
      nlmsghdr* request = mnl_nlmsg_put_header(buffer.data());
      request->nlmsg_type = RTM_GETROUTE;
      request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
      request->nlmsg_seq = ++sequence_;
      auto* header = static_cast<rtmsg*>(mnl_nlmsg_put_extra_header(request, sizeof(rtmsg)));
      header->rtm_family = family;
      status = socket_.Dump({buffer.data(), request->nlmsg_len}, [&](const nlmsghdr& message) {
        const std::optional<rtmsg> route = RouteOf(message);
        if (!route.has_value() || route->rtm_family != family) return;
        const size_t address_bytes = family == AF_INET ? 4 : 16;
        LocalRoute local = {.prefix = std::string(address_bytes, '\0'),
                            .length = route->rtm_dst_len,
                            .type = route->rtm_type};
        uint32_t table = route->rtm_table;
        ForEachAttribute(AttributesOf(message, sizeof(rtmsg)),
                         [&](int type, std::span<const char> payload) {
                           if (type == RTA_TABLE) table = Number(payload);
                           if (type == RTA_OIF) local.interface = Number(payload);
                           if (type == RTA_DST && payload.size() == address_bytes) {
                             local.prefix.assign(payload.data(), payload.size());
                           }
                           return true;
                         });
        if (table == RT_TABLE_LOCAL && local.length <= 8 * address_bytes) {
          routes.push_back(std::move(local));
        }
      });
      if (status.ok() || !absl::IsAborted(status)) break;
      routes.resize(before);
    }
    if (!status.ok()) {
      return absl::Status(status.code(), absl::StrCat("read the local routes: ", status.message()));
    }
  }
  return routes;
}

absl::StatusOr<std::optional<uint32_t>> Routes::Find(absl::string_view destination, uint32_t out) {
  alignas(nlmsghdr) std::array<char, kRequestBytes> buffer;
  nlmsghdr* request = mnl_nlmsg_put_header(buffer.data());
  request->nlmsg_type = RTM_GETROUTE;
  request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  request->nlmsg_seq = ++sequence_;
  auto* header = static_cast<rtmsg*>(mnl_nlmsg_put_extra_header(request, sizeof(rtmsg)));
  header->rtm_family = destination.size() == 4 ? AF_INET : AF_INET6;
  header->rtm_dst_len = static_cast<unsigned char>(destination.size() * 8);
  mnl_attr_put(request, RTA_DST, destination.size(), destination.data());
  if (out != 0) mnl_attr_put_u32(request, RTA_OIF, out);

  std::optional<uint32_t> found;
  const absl::Status status =
      socket_.Dump({buffer.data(), request->nlmsg_len}, [&](const nlmsghdr& message) {
        const std::optional<rtmsg> route = RouteOf(message);
        if (!route.has_value()) return;
        if (route->rtm_type == RTN_UNREACHABLE || route->rtm_type == RTN_BLACKHOLE ||
            route->rtm_type == RTN_PROHIBIT || route->rtm_type == RTN_THROW) {
          return;
        }
        ForEachAttribute(AttributesOf(message, sizeof(rtmsg)),
                         [&](int type, std::span<const char> payload) {
                           if (type == RTA_OIF) found = Number(payload);
                           return true;
                         });
      });
  // ENETUNREACH, EHOSTUNREACH, EACCES and, for a blackhole, EINVAL mean that there is no route,
  // which is an answer and not a failure.
  if (!status.ok() && !absl::IsUnavailable(status) && !absl::IsPermissionDenied(status) &&
      !absl::IsInvalidArgument(status) && !absl::IsNotFound(status)) {
    return absl::Status(status.code(), absl::StrCat("find a route: ", status.message()));
  }
  return found;
}

}  // namespace firebreak::agent
