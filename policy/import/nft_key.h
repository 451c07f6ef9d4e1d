// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_NFT_KEY_H_
#define FIREBREAK_POLICY_IMPORT_NFT_KEY_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/import/match.h"
#include "policy/import/nft_tokens.h"

namespace firebreak::importer {

// What an nft rule looks at: a field of a packet, or metadata about the packet.
enum class NftKey {
  kSource4,
  kDestination4,
  kSource6,
  kDestination6,
  kProtocol,
  kProtocol4,
  kProtocol6,
  kFamily,
  kTcpSource,
  kTcpDestination,
  kUdpSource,
  kUdpDestination,
  kOtherSource,
  kOtherDestination,
  kAnySource,
  kAnyDestination,
  kKind4,
  kKind6,
  kCode4,
  kCode6,
  kIn,
  kOut,
  kPacketType,
  kUser,
  kGroup,
  kState,
  kStatus,
  kDestinationType,
};

struct NftKeyWords {
  NftKey key;
  int protocol = 0;  // only for kOther…
  size_t words = 0;  // how many words the key has in the rule
};

// Returns the key that the words begin with; `words` is 0 if they begin with none. InvalidArgument
// means that no mapping can look at this key.
absl::StatusOr<NftKeyWords> FindKey(std::span<const NftToken> words);

// Returns the packets for which `key` has one of the values.
absl::StatusOr<Match> MatchOf(const NftKeyWords& key, const std::vector<std::string>& values);
// Returns the packets for which `key` exists and has none of the values.
absl::StatusOr<Match> MatchAllBut(const NftKeyWords& key, const std::vector<std::string>& values);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_NFT_KEY_H_
