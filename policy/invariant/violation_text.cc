// SPDX-License-Identifier: Apache-2.0
#include "policy/invariant/violation_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace firebreak::policy {
namespace {

constexpr int kNamed = 3;

std::string HostsText(const v1::Violation& violation) {
  if (violation.hosts().empty()) return "no host";
  std::string text;
  const int named = std::min(violation.hosts_size(), kNamed);
  for (int i = 0; i < named; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ", violation.hosts(i));
  }
  const int others = violation.hosts_size() - named;
  if (others > 0) absl::StrAppend(&text, " and ", others, others == 1 ? " other" : " others");
  return text;
}

// Returns a text such as "tcp/23 from 192.0.2.1 port 40000".
std::string PacketText(const v1::Violation& violation) {
  const v1::PacketWitness& witness = violation.packets().witness();
  std::string text = witness.protocol();
  if (witness.destination_port() != 0) {
    absl::StrAppend(&text, "/", witness.destination_port());
  } else if (witness.protocol() == "icmp" || witness.protocol() == "icmpv6") {
    absl::StrAppend(&text, "/", witness.icmp_type());
  }
  absl::StrAppend(&text, violation.packets().direction() == "in" ? " from " : " to ",
                  witness.remote());
  if (witness.source_port() != 0) {
    absl::StrAppend(&text, violation.packets().direction() == "in" ? " port " : " from port ",
                    witness.source_port());
  }
  return text;
}

}  // namespace

std::string ViolationText(const v1::Violation& violation) {
  const v1::PacketRuling& ruling = violation.packets().after();
  std::string text = absl::StrCat("Invariant/", violation.invariant());
  if (!violation.reason().empty()) absl::StrAppend(&text, " (", violation.reason(), ")");
  absl::StrAppend(&text, " does not hold on ", HostsText(violation));
  absl::StrAppend(&text, violation.location() == "elsewhere" ? ", " : ", at ",
                  violation.location());
  if (!violation.interfaces().empty()) absl::StrAppend(&text, ", ", violation.interfaces());
  absl::StrAppend(&text, ": ", PacketText(violation), " must be ",
                  violation.must() == "allow" ? "allowed" : "blocked", " and is ", ruling.outcome(),
                  ": ", ruling.cause());
  if (violation.classes() > 1) {
    absl::StrAppend(&text, "; and packets of ", violation.classes() - 1, " more kinds");
  }
  return text;
}

}  // namespace firebreak::policy
