// SPDX-License-Identifier: Apache-2.0
#include "agent/standalone/takeover.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/log/log.h"
#include "firebreak/v1/plan.pb.h"
#include "policy/difference/policy_difference.h"

namespace firebreak::agent {
namespace {

// Two policies of thousands of mappings are compared within a second or so of work.
constexpr size_t kWork = 1'000'000;
constexpr size_t kMostLines = 20;

const char* Verb(v1::PacketClass::Change change) {
  switch (change) {
    case v1::PacketClass::opened: return "opens";
    case v1::PacketClass::closed: return "closes";
    default: return "treats otherwise";
  }
}

std::string LineOf(const v1::PacketClass& packets) {
  return absl::StrCat(
      Verb(packets.change()), " ", packets.direction(), " ", absl::StrJoin(packets.traffic(), ", "),
      packets.direction() == "out" ? " to " : " from ",
      packets.remote().empty() ? "anybody" : absl::StrJoin(packets.remote(), ", "), ": ",
      packets.before().cause(), " before, ", packets.after().cause(), " after");
}

}  // namespace

std::vector<std::string> DescribeTakeover(const v1::EffectivePolicy& before,
                                          const v1::EffectivePolicy& after, size_t most) {
  size_t work = kWork;
  std::vector<std::string> lines;
  size_t more = 0;
  bool complete = true;
  const auto add = [&](std::string line) {
    if (lines.size() < most) {
      lines.push_back(std::move(line));
    } else {
      ++more;
    }
  };
  for (const v1::PlanDifference& difference : policy::ComparePolicies(before, after, work)) {
    complete = complete && difference.complete();
    for (const v1::PacketClass& packets : difference.packets()) add(LineOf(packets));
    for (const v1::SettingChange& setting : difference.settings()) {
      add(absl::StrCat("sets ", setting.name(), " from ",
                       setting.before().empty() ? "its default" : setting.before(), " to ",
                       setting.after().empty() ? "its default" : setting.after()));
    }
  }
  if (more > 0) lines.push_back(absl::StrCat(more, " more changes"));
  if (!complete) lines.push_back("they differ so much that not all of it was found");
  return lines;
}

void TellTakeover(const v1::EffectivePolicy& before, const v1::EffectivePolicy& after) {
  const std::vector<std::string> lines = DescribeTakeover(before, after, kMostLines);
  LogWarning("the fleet's policy is in force in place of this host's own, which changes ",
             lines.empty() ? "nothing" : "this:");
  for (const std::string& line : lines) LogWarning("  ", line);
}

}  // namespace firebreak::agent
