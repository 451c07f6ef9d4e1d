// SPDX-License-Identifier: Apache-2.0
#include "policy/import/review.h"

namespace firebreak::importer {
namespace {

bool Decides(Verdict verdict) {
  return verdict == Verdict::kAccept || verdict == Verdict::kDrop || verdict == Verdict::kReject;
}

}  // namespace

std::string ObjectionTo(const Rule& rule) {
  const Match& match = rule.match;
  if (!Decides(rule.verdict) || match.states == 0) return "";
  const bool accepts = rule.verdict == Verdict::kAccept;
  const bool no_beginning = match.segments == kOtherSegment;
  if ((match.states & kNew) != 0 && !no_beginning) return "";
  if (accepts) {
    if (match.states == kInvalid)
      return "what belongs to no flow is dropped, whatever a policy says";
    if (no_beginning && match.states == kNew) {
      return "a TCP connection begins with a lone SYN; anything else of a flow that is not known "
             "is "
             "dropped";
    }
    return "";
  }
  if (no_beginning && (match.states & kNew) != 0) return "";  // dropped anyway
  constexpr uint8_t kOfNoFlow = kInvalid | kUntracked;
  if ((match.states & ~kOfNoFlow) == 0) return "";
  return "established flows, and what belongs to them, pass whatever a policy says";
}

}  // namespace firebreak::importer
