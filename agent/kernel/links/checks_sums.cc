// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/links/checks_sums.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace firebreak::agent {

SumCheckers::SumCheckers() : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

bool SumCheckers::Checks(const std::string& interface) const {
  ethtool_value value = {.cmd = ETHTOOL_GRXCSUM, .data = 0};
  ifreq request = {};
  if (interface.size() >= sizeof request.ifr_name) return true;
  interface.copy(request.ifr_name, sizeof request.ifr_name - 1);
  request.ifr_data = reinterpret_cast<char*>(&value);
  if (ioctl(socket_.get(), SIOCETHTOOL, &request) != 0) return true;
  return value.data != 0;
}

}  // namespace firebreak::agent
