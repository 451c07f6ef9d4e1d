// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_TEST_ROUTER_H_
#define FIREBREAK_POLICY_TRACE_TEST_ROUTER_H_

// glibc's header comes before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/if_arp.h>
#include <linux/rtnetlink.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/trace/host_state.h"
#include "policy/trace/test_packets.h"

namespace firebreak::policy {

inline constexpr uint32_t kLo = 1, kEth1 = 3;

// A host for tests, with 10.0.0.1/24 and fd00::1/64 on eth0 and 10.9.0.1/24 and fd09::1/64 on eth1.
// 172.16.0.0/16 is behind eth1; 172.17.0.0/16 and fd17::/64 are unreachable.
class TestRouter {
 public:
  TestRouter() {
    host_.interfaces = {{.device = lo(), .addresses = {Address("127.0.0.1"), Address("::1")}},
                        {.device = Eth0(), .addresses = {Address("10.0.0.1"), Address("fd00::1")}},
                        {.device = eth1(), .addresses = {Address("10.9.0.1"), Address("fd09::1")}}};
    host_.local = {{Address("127.0.0.0"), 8, RTN_LOCAL, kLo},
                   {Address("::1"), 128, RTN_LOCAL, kLo},
                   {Address("fe80::1"), 128, RTN_LOCAL, kEth0}};
    for (const auto& [four, six, interface] :
         {Network{"10.0.0.", "fd00::", kEth0}, Network{"10.9.0.", "fd09::", kEth1}}) {
      const std::string net4 = four, net6 = six;
      host_.local.push_back({Address((net4 + "1").c_str()), 32, RTN_LOCAL, interface});
      host_.local.push_back({Address((net4 + "255").c_str()), 32, RTN_BROADCAST, interface});
      host_.local.push_back({Address((net6 + "1").c_str()), 128, RTN_LOCAL, interface});
      host_.local.push_back({Address(six), 128, RTN_ANYCAST, interface});
      AddRoute((net4 + "0").c_str(), 24, interface);
      AddRoute(six, 64, interface);
    }
    AddRoute("172.16.0.0", 16, kEth1);
    AddRoute("172.17.0.0", 16, std::nullopt);
    AddRoute("fd17::", 64, std::nullopt);
    host_.route = [this](const ruleset::Bytes& destination, uint32_t out) {
      return Find(destination, out);
    };
  }
  TestRouter(const TestRouter&) = delete;
  TestRouter& operator=(const TestRouter&) = delete;

  // Adds default routes by eth0.
  void AddDefaultRoutes() {
    AddRoute("0.0.0.0", 0, kEth0);
    AddRoute("::", 0, kEth0);
  }

  const HostState& host() const { return host_; }
  HostState& host() { return host_; }
  HostState::Interface& eth0_state() { return host_.interfaces[1]; }
  static Packet::Device lo() { return {.index = kLo, .name = "lo", .type = ARPHRD_LOOPBACK}; }
  static Packet::Device eth1() { return {.index = kEth1, .name = "eth1", .type = ARPHRD_ETHER}; }

 private:
  struct Network {
    const char* four;
    const char* six;
    uint32_t interface;
  };
  struct Route {
    ruleset::Bytes prefix;
    size_t length;                      // in bits
    std::optional<uint32_t> interface;  // nullopt: unreachable
  };

  void AddRoute(const char* prefix, size_t length, std::optional<uint32_t> interface) {
    routes_.push_back({Address(prefix), length, interface});
  }

  // The prefixes of test routes have whole bytes.
  std::optional<uint32_t> Find(const ruleset::Bytes& destination, uint32_t out) const {
    if (destination.size() == 16 && destination.compare(0, 2, "\xfe\x80") == 0) {
      return out == 0 ? kEth0 : out;
    }
    const Route* best = nullptr;
    for (const Route& route : routes_) {
      const bool covers =
          route.prefix.size() == destination.size() &&
          destination.compare(0, route.length / 8, route.prefix, 0, route.length / 8) == 0;
      if (covers && (best == nullptr || route.length > best->length)) best = &route;
    }
    return best == nullptr ? std::nullopt : best->interface;
  }

  std::vector<Route> routes_;
  HostState host_;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_TEST_ROUTER_H_
