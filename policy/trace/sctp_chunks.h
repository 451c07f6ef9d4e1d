#ifndef FIREBREAK_POLICY_TRACE_SCTP_CHUNKS_H_
#define FIREBREAK_POLICY_TRACE_SCTP_CHUNKS_H_

#include "policy/ruleset/expression.h"

namespace firebreak::policy {

// What conntrack makes of the chunks of an SCTP packet (nf_conntrack_proto_sctp.c). `transport`
// begins with the common header.

// Whether they may stand together in one packet (do_basic_checks), which has at least one, and of
// an INIT all that it needs.
bool AreSctpChunksSound(const ruleset::Bytes& transport);

// Whether a packet whose chunks are sound may begin a flow: by their types and its tag.
bool MayBeginSctp(const ruleset::Bytes& transport);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_SCTP_CHUNKS_H_
