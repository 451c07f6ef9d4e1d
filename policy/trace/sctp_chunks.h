// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_SCTP_CHUNKS_H_
#define FIREBREAK_POLICY_TRACE_SCTP_CHUNKS_H_

#include "policy/ruleset/expression.h"

namespace firebreak::policy {

// Whether the chunks may stand together in one packet (do_basic_checks in
// nf_conntrack_proto_sctp.c): there is at least one, and an INIT is complete. `transport` begins
// with the common header.
bool AreSctpChunksSound(const ruleset::Bytes& transport);

// Whether a packet with sound chunks may begin a flow, according to the types of its chunks and its
// tag.
bool MayBeginSctp(const ruleset::Bytes& transport);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_SCTP_CHUNKS_H_
