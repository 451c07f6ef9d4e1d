// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_EVIDENCE_SEEN_PACKETS_H_
#define FIREBREAK_POLICY_EVIDENCE_SEEN_PACKETS_H_

#include <optional>
#include <set>
#include <string>

#include "firebreak/v1/host.pb.h"
#include "firebreak/v1/state.pb.h"
#include "policy/difference/witness.h"
#include "proto/log/record.h"

namespace firebreak::policy {

// Whether anybody uses the flow: a connection that is made and not ended, or of other protocols one
// that was answered.
bool IsLive(const v1::HostFlow& flow);

// The packet that began a flow which the host has now, from or to another host. None: it was
// forwarded, never left the host, or cannot be understood.
std::optional<Witness> PacketOf(const v1::HostFlow& flow);

// The packet that a record of the host's log tells of, if it began a flow or would have. `own` are
// the host's addresses, as bytes, which tell what is sent from what is received.
std::optional<Witness> PacketOf(const Record& record, const std::set<std::string>& own);

// Returns the addresses of the host's interfaces, as bytes.
std::set<std::string> OwnAddresses(const v1::Facts& facts);

// "tcp/22", "icmp/8", "esp".
std::string ServiceText(const Witness& packet);
// "192.0.2.1".
std::string RemoteText(const Witness& packet);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_EVIDENCE_SEEN_PACKETS_H_
