// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_HOSTS_HOST_PLACES_H_
#define FIREBREAK_CONTROLLER_HOSTS_HOST_PLACES_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/store/hosts.h"
#include "policy/compile/compile.h"

namespace firebreak::controller {

// Where a host's interfaces are, by its own word, and what its addresses are: what it takes to
// judge the packets that it tells of.
struct HostPlaces {
  explicit HostPlaces(const StoredHost& host);

  struct Place {
    policy::Interface interface;
    std::string location;
  };
  // Elsewhere, and of no type, if the host has not told of the interface.
  Place Of(const std::string& interface) const;

  std::set<std::string> locations;     // those that its interfaces are at
  std::set<std::string> own;           // addresses, as bytes
  std::vector<std::string> reachable;  // addresses by which others reach it, in words

 private:
  std::map<std::string, std::string> types_;
  std::map<std::string, std::string> locations_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_HOSTS_HOST_PLACES_H_
