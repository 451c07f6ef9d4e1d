// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/allowance.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace firebreak::policy {
namespace {

std::string Complaint(Allowance::Kind kind) {
  switch (kind) {
    case Allowance::Kind::kSteps:
    case Allowance::Kind::kPieces:
      return absl::StrCat(
          "the ports and addresses of the mappings for one host overlap in too many ways: they "
          "come "
          "to more than ",
          kind == Allowance::Kind::kSteps ? kMostSteps : kMostPieces,
          kind == Allowance::Kind::kSteps ? " comparisons" : " rules",
          "; give mappings the same ranges of ports, or join those with the same prefixes");
    case Allowance::Kind::kBoxes:
      return absl::StrCat(
          "mappings with `forward_to` or `handshake: proxy` have too many prefixes for their "
          "ports: "
          "they come to more than ",
          kMostBoxes, " rules for one host; give them fewer prefixes, or wider ones");
    case Allowance::Kind::kRules:
      return absl::StrCat(
          "mappings that say more than ports and remote addresses are too many: for all interfaces "
          "they come to more than ",
          kMostRules,
          " rules for one host; join those that differ in their ports or addresses alone");
    case Allowance::Kind::kMeters:
      return absl::StrCat(
          "too many mappings have a limit for each source, or `responses`: they come to more than ",
          kMostMeters,
          " lists of addresses for one host, which strangers fill; let one mapping with one limit "
          "cover several ports");
    case Allowance::Kind::kComparisons:
      return absl::StrCat(
          "too many mappings with long lists stand in front of some with `forward_to` or "
          "`handshake: proxy`: to find out which of them decide first takes more than ",
          kMostComparisons, " comparisons; put the latter first, or shorten the lists");
  }
  return "";
}

}  // namespace

bool Allowance::Take(Kind kind, size_t count, const v1::Mapping& mapping) {
  if (exhausted()) return false;
  Account& account = accounts_[static_cast<size_t>(kind)];
  account.taken[&mapping] += count;
  if (count <= account.left) {
    account.left -= count;
    return true;
  }
  status_ = Complain(account, Complaint(kind));
  return false;
}

absl::Status Allowance::TooManySets() const {
  return Complain(
      accounts_[static_cast<size_t>(Kind::kPieces)],
      absl::StrCat("too many mappings have lists of their own: they come to more than ", kMostSets,
                   " sets for one host; join mappings with the same addresses, or with the same "
                   "ports"));
}

absl::Status Allowance::Complain(const Account& account, const std::string& complaint) const {
  const auto most =
      std::max_element(account.taken.begin(), account.taken.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == account.taken.end()) return absl::ResourceExhaustedError(complaint);
  const v1::Mapping& at_fault = *most->first;
  absl::Status status = absl::ResourceExhaustedError(
      absl::StrCat("policy \"", at_fault.policy(), "\", mapping \"", at_fault.name(), "\" and ",
                   account.taken.size() - 1, " others: ", complaint));
  status.SetPayload(kFaultyMapping, absl::Cord(absl::StrCat("Policy/", at_fault.policy(),
                                                            ", mapping ", at_fault.name())));
  return status;
}

std::string MappingAtFault(const absl::Status& status) {
  const auto payload = status.GetPayload(kFaultyMapping);
  return payload.has_value() ? std::string(*payload) : "";
}

}  // namespace firebreak::policy
