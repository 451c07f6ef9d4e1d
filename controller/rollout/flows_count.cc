// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/flows_count.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/evidence/seen_packets.h"

namespace firebreak::controller {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(10);

}  // namespace

std::string PacketText(const policy::Witness& packet) {
  return absl::StrCat(policy::ServiceText(packet),
                      packet.plane.way == policy::Way::kInbound ? " from " : " to ",
                      policy::RemoteText(packet));
}

std::shared_ptr<FlowsCount> FlowsCount::Ask(std::shared_ptr<HostStream> stream, HostPlaces places,
                                            std::unique_ptr<policy::PolicyJudge> before,
                                            std::unique_ptr<policy::PolicyJudge> after) {
  std::shared_ptr<FlowsCount> count(
      new FlowsCount(std::move(places), std::move(before), std::move(after)));
  v1::Question question;
  question.mutable_flows();
  // The callback holds the count weakly, because the count owns the question.
  count->question_ =
      HostQuestion::Ask(std::move(stream), std::move(question), kTimeout,
                        [weak = std::weak_ptr<FlowsCount>(count)](const v1::Answer& answer) {
                          if (const auto into = weak.lock(); into != nullptr) into->Take(answer);
                        });
  return count;
}

void FlowsCount::Take(const v1::Answer& answer) {
  absl::MutexLock lock(&mutex_);
  for (const v1::HostFlow& flow : answer.flows().flows()) {
    const std::optional<policy::Witness> packet = policy::PacketOf(flow);
    if (!packet.has_value() || !policy::IsLive(flow)) continue;
    const HostPlaces::Place place = places_.Of(flow.interface());
    if (!Passes(before_->Judge(*packet, place.location, place.interface).outcome)) continue;
    const policy::Ruling& ruling = after_->Judge(*packet, place.location, place.interface);
    if (Passes(ruling.outcome)) continue;
    if (cut_++ == 0) example_ = absl::StrCat(PacketText(*packet), ": ", CauseText(ruling.cause));
  }
}

uint64_t FlowsCount::cut() const {
  absl::MutexLock lock(&mutex_);
  return cut_;
}

std::string FlowsCount::example() const {
  absl::MutexLock lock(&mutex_);
  return example_;
}

}  // namespace firebreak::controller
