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

// What a rule of nft looks at: a field of a packet, or what is known about it.
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
  int protocol = 0;  // of kOther…
  size_t words = 0;  // how many words name it
};

// The key that the words begin with; no words: they begin with none. InvalidArgument: it is one
// that no mapping looks at.
absl::StatusOr<NftKeyWords> FindKey(std::span<const NftToken> words);

// The packets of which `key` has one of the values.
absl::StatusOr<Match> MatchOf(const NftKeyWords& key, const std::vector<std::string>& values);
// All packets that have such a field, but those.
absl::StatusOr<Match> MatchAllBut(const NftKeyWords& key, const std::vector<std::string>& values);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_NFT_KEY_H_
