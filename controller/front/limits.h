// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_LIMITS_H_
#define FIREBREAK_CONTROLLER_FRONT_LIMITS_H_

#include <cstddef>

namespace firebreak::controller {

// How many connections the front takes. They follow from how many descriptors the process may have
// open, so that they do not run out: neither for those who are let in nor for files.
struct FrontLimits {
  size_t named;           // connections of members, one descriptor each
  size_t administrators;  // of these, with two more descriptors each
  size_t strangers;       // of whom it is not known yet who they are, one descriptor each
  size_t of_network;      // of these, from one network
  size_t handshakes;      // at a time

  friend bool operator==(const FrontLimits&, const FrontLimits&) = default;
};

// `descriptors` is the process's limit, `threads` how many threads make handshakes.
FrontLimits LimitsFor(size_t descriptors, size_t threads);

// Raises the process's limit as far as it may, and returns it.
size_t RaiseDescriptorLimit();

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_LIMITS_H_
