// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/mapping_record.h"

#include "absl/strings/str_cat.h"

namespace firebreak::controller {
namespace {

// Describes the change that the administrator wants; empty if the question changes nothing.
std::string WishOf(const v1::LocalMappingQuestion& question) {
  switch (question.what_case()) {
    case v1::LocalMappingQuestion::kRemove:
      return absl::StrCat("remove mapping ", question.remove());
    case v1::LocalMappingQuestion::kDecide: {
      const v1::LocalMappingDecision& decision = question.decide();
      if (!decision.grant()) return absl::StrCat("refuse request ", decision.number());
      return absl::StrCat(
          "grant request ", decision.number(),
          decision.seconds() == 0 ? "" : absl::StrCat(" for ", decision.seconds(), " s"));
    }
    default: return "";
  }
}

}  // namespace

std::optional<AuditEntry> MappingRecord(const Actor& actor, absl::string_view host,
                                        const v1::Question& question) {
  std::string wish = WishOf(question.local_mapping());
  if (wish.empty()) return std::nullopt;
  return AuditEntry{.actor = actor.name,
                    .peer = actor.peer,
                    .action = "decide about a mapping",
                    .object = absl::StrCat("host ", host),
                    .result = "done",
                    .detail = absl::StrCat("sent to the host: ", wish)};
}

}  // namespace firebreak::controller
