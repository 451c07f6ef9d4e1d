// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/rules.h"

#include <string>
#include <utility>

#include "policy/ruleset/digest.h"
#include "policy/ruleset/print.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::agent {

void AnswerRules(std::shared_ptr<Reply> reply, const absl::StatusOr<ruleset::Ruleset>& rules) {
  if (!rules.ok()) return reply->Fail(rules.status());
  auto text = std::make_shared<const std::string>(
      ruleset::Print(*rules, reply->question().rules().elements()));
  Reply::Pull(std::move(reply), [text, digest = ruleset::Digest(*rules), at = size_t{0}]() mutable {
    v1::Answer part;
    part.mutable_rules()->set_text(text->substr(at, kAnswerPartBytes));
    at += kAnswerPartBytes;
    if (at >= text->size()) {
      part.set_last(true);
      part.mutable_rules()->set_digest(digest);
    }
    return part;
  });
}

}  // namespace firebreak::agent
