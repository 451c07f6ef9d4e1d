// SPDX-License-Identifier: Apache-2.0
#include "agent/location/location_tester.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/location/hints.h"

namespace firebreak::agent {

void LocationTester::Start(EventLoop& loop, const std::vector<Locator::Surroundings>& surroundings,
                           std::shared_ptr<Reply> reply) {
  std::shared_ptr<LocationTester> tester(new LocationTester(std::move(reply)));
  const v1::LocationTestQuestion& question = tester->reply_->question().location_test();
  tester->reply_->OnCancel([weak = std::weak_ptr(tester)] {
    // Every probe holds a reference to the tester, which owns the probes; this breaks the cycle.
    if (const auto self = weak.lock()) self->probes_.clear();
  });
  for (const Locator::Surroundings& place : surroundings) {
    if (!question.interface().empty() && question.interface() != place.link.name) continue;
    for (const v1::Location& location : place.locations) {
      if (!question.location().empty() && question.location() != location.name()) continue;
      tester->Ask(loop, place, location);
    }
  }
  if (tester->probes_.empty() && tester->answer_.tests().empty()) {
    return tester->reply_->Fail(absl::NotFoundError(
        "there is no such interface, or the policy in force has no such location with a beacon"));
  }
  if (tester->probes_.size() > kMaxProbes) {
    tester->reply_->Fail(absl::ResourceExhaustedError(absl::StrCat(
        "these are more than ", kMaxProbes, " beacons at once; name an interface, or a location")));
    return tester->probes_.clear();
  }
  tester->under_way_ = tester->probes_.size();
  for (size_t i = 0; i < tester->probes_.size(); ++i) {
    tester->probes_[i]->Ask(
        [tester, i](ProbeResult result) { tester->Ended(i, std::move(result)); });
  }
  tester->FinishIfDone();
}

void LocationTester::Ask(EventLoop& loop, const Locator::Surroundings& place,
                         const v1::Location& location) {
  const auto skip = [&](const char* step, std::string reason) {
    v1::LocationTest& test = *answer_.add_tests();
    test.set_interface(place.link.name);
    test.set_location(location.name());
    v1::LocationTestStep& one = *test.add_steps();
    one.set_name(step);
    one.set_detail(std::move(reason));
  };
  if (!place.link.up) return skip("link", "it is down, or has no carrier");
  if (place.link.addresses.empty()) return skip("link", "it has no address");
  if (const auto reason = policy::RuledOut(location.hints(), place.facts)) {
    return skip("hints", *reason);
  }
  for (const v1::Beacon& beacon : location.beacons()) {
    probes_.push_back(std::make_unique<Probe>(
        loop, Probe::Target{.interface_name = place.link.name,
                            .interface_index = place.link.index,
                            .location = location.name(),
                            .beacon = beacon,
                            .max_hops = location.max_hops(),
                            .max_round_trip = policy::MaxRoundTripOf(location)}));
  }
}

void LocationTester::Ended(size_t probe, ProbeResult result) {
  const Probe::Target& target = probes_[probe]->target();
  v1::LocationTest& test = *answer_.add_tests();
  test.set_interface(target.interface_name);
  test.set_location(target.location);
  test.set_beacon(target.beacon.address());
  test.set_proven(result.status.ok());
  for (v1::LocationTestStep& step : result.steps) *test.add_steps() = std::move(step);
  probes_[probe].reset();
  --under_way_;
  FinishIfDone();
}

void LocationTester::FinishIfDone() {
  if (under_way_ > 0) return;
  v1::Answer answer;
  *answer.mutable_location_test() = std::move(answer_);
  reply_->Last(std::move(answer));
}

}  // namespace firebreak::agent
