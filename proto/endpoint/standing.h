// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_ENDPOINT_STANDING_H_
#define FIREBREAK_PROTO_ENDPOINT_STANDING_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak {

// The standing of a client certificate's owner in the fleet. The controller refuses all but kMember
// in the TLS handshake, where it can only send an alert. The client turns the alert back into a
// standing.
enum class Standing {
  kMember,
  kStranger,    // the certificate is another fleet's, or there is none
  kExpired,     // the certificate has ended
  kUnknown,     // no host of that name exists
  kRevoked,     // the host has been revoked
  kSuperseded,  // the host has a newer certificate
};

// Returns the X509_V_ERR_ code for which OpenSSL sends the alert that means `standing`; X509_V_OK
// for kMember.
int VerifyErrorFor(Standing standing);

// Returns what a TLS alert (RFC 8446, 6.2) from the controller says about this client's
// certificate; none if the alert is about something else.
std::optional<Standing> StandingByAlert(int alert);

// Returns why the host called `name` is refused, and what to do about it.
std::string WhyRefused(Standing standing, absl::string_view name);

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_ENDPOINT_STANDING_H_
