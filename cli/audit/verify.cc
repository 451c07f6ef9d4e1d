// SPDX-License-Identifier: Apache-2.0
#include "cli/audit/verify.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"

namespace firebreak::cli {

TrailVerifier::TrailVerifier(std::string ca_pem, const std::optional<Anchor>& anchor)
    : ca_pem_(std::move(ca_pem)) {
  if (anchor.has_value() && anchor->number > 0) {
    expected_.emplace(anchor->number,
                      Expected{anchor->hash, "the anchor of the last verification"});
  }
}

absl::Status TrailVerifier::AddHead(const v1::AuditHead& head, const char* what) {
  RETURN_IF_ERROR(CheckAuditHead(head, ca_pem_));
  if (head.number() <= checker_.number()) {
    // Heads must come before their rows. An empty trail has a fixed hash, so its head needs no row.
    if (head.number() == 0 && head.hash() == FirstAuditHash()) return absl::OkStatus();
    return absl::DataLossError(
        absl::StrCat(what, " at row ", head.number(), " arrived after that row"));
  }
  expected_.emplace(head.number(), Expected{head.hash(), what});
  return absl::OkStatus();
}

absl::Status TrailVerifier::Add(const v1::AuditRows& part) {
  for (const v1::AuditHead& earlier : part.earlier()) {
    RETURN_IF_ERROR(AddHead(earlier, "the seal of the controller"));
    report_.set_seals(report_.seals() + 1);
  }
  if (part.has_head()) {
    headed_ = true;
    RETURN_IF_ERROR(AddHead(part.head(), "the signed end of the trail"));
    *report_.mutable_signed_at() = part.head().at();
  }
  for (const v1::AuditRow& row : part.rows()) {
    RETURN_IF_ERROR(checker_.Add(row));
    if (row.dropped()) report_.set_dropped(report_.dropped() + 1);
    const auto [begin, end] = expected_.equal_range(row.number());
    for (auto at = begin; at != end; ++at) {
      if (at->second.hash == row.hash()) continue;
      return absl::DataLossError(absl::StrCat("row ", row.number(), " does not match ",
                                              at->second.what,
                                              ": the trail was rewritten up to this row"));
    }
    expected_.erase(begin, end);
  }
  report_.set_rows(checker_.number());
  report_.set_hash(checker_.hash());
  return absl::OkStatus();
}

absl::Status TrailVerifier::Finish() const {
  if (!headed_) return absl::DataLossError("the controller sent no signed end of the trail");
  if (expected_.empty()) return absl::OkStatus();
  const auto& [number, expected] = *expected_.rbegin();
  return absl::DataLossError(absl::StrCat("the trail ends with row ", checker_.number(), ", but ",
                                          expected.what, " has row ", number,
                                          ": its end was cut off"));
}

}  // namespace firebreak::cli
