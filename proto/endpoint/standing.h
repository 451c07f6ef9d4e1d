// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_ENDPOINT_STANDING_H_
#define FIREBREAK_PROTO_ENDPOINT_STANDING_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak {

// Where the owner of a client certificate stands with the fleet. The controller refuses all but
// kMember in the TLS handshake, where it can say no more than an alert; the client puts the alert
// into the same words.
enum class Standing {
  kMember,
  kStranger,    // the certificate is not of this fleet, or there is none
  kExpired,     // the certificate has ended
  kUnknown,     // no host of that name is known
  kRevoked,     // the host has been revoked
  kSuperseded,  // the host has a newer certificate
};

// The X509_V_ERR_ code for which OpenSSL sends the alert of `standing`; kMember: X509_V_OK.
int VerifyErrorFor(Standing standing);

// What a TLS alert (RFC 8446, 6.2) of the controller says of this client's certificate; none: it
// says something else.
std::optional<Standing> StandingByAlert(int alert);

// Why the host called `name` is refused, and what to do.
std::string WhyRefused(Standing standing, absl::string_view name);

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_ENDPOINT_STANDING_H_
