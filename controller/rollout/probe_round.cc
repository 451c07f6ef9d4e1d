// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/probe_round.h"

#include <netinet/in.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "controller/hosts/host_places.h"
#include "policy/resources/time_span.h"

namespace firebreak::controller {
namespace {

constexpr size_t kMaxSources = 8;  // hosts that probe one host of the wave
constexpr size_t kMaxAddresses = 4;
constexpr absl::Duration kTimeout = absl::Seconds(3);
// Added to the probe's own time for the messages to the host and back.
constexpr absl::Duration kGrace = absl::Seconds(5);

bool IsFrom(const v1::Probe& probe, const HostRecord& host, const policy::Selector& selector) {
  const std::vector<std::string> groups = selector.GroupsOf(host.labels);
  return std::any_of(probe.groups().begin(), probe.groups().end(), [&](const std::string& group) {
    return group == absl::StrCat("host:", host.name) ||
           std::find(groups.begin(), groups.end(), group) != groups.end();
  });
}

std::vector<std::string> AddressesOf(const v1::Probe& probe, const Registry& registry) {
  if (probe.host().empty()) return {probe.address()};
  const auto host = registry.Find(probe.host());
  std::vector<std::string> addresses;
  if (host.has_value()) addresses = HostPlaces(*host).reachable;
  if (addresses.size() > kMaxAddresses) addresses.resize(kMaxAddresses);
  if (addresses.empty()) addresses.emplace_back();
  return addresses;
}

v1::Question QuestionFor(const ProbeRun& run, absl::Duration timeout) {
  v1::Question question;
  v1::ProbeQuestion& probe = *question.mutable_probe();
  probe.set_protocol(run.probe.protocol() == "tcp"   ? IPPROTO_TCP
                     : run.probe.protocol() == "udp" ? IPPROTO_UDP
                                                     : IPPROTO_ICMP);
  probe.set_address(run.address);
  probe.set_port(run.probe.port());
  probe.set_timeout_millis(static_cast<uint32_t>(absl::ToInt64Milliseconds(timeout)));
  return question;
}

}  // namespace

std::vector<ProbeRun> ProbesAbout(const std::string& host,
                                  const google::protobuf::RepeatedPtrField<std::string>& names,
                                  const policy::Selector& selector, const Registry& registry,
                                  const Fleet& fleet) {
  std::vector<ProbeRun> runs;
  const auto stored = registry.Find(host);
  if (!stored.has_value()) return runs;
  const bool all = std::find(names.begin(), names.end(), "all") != names.end();
  const auto add = [&](const v1::Probe& probe, const std::string& from) {
    for (std::string& address : AddressesOf(probe, registry)) {
      runs.push_back({probe, from, std::move(address)});
    }
  };
  for (const auto& [key, resource] : selector.configuration().resources()) {
    if (!resource->has_probe()) continue;
    const v1::Probe& probe = resource->probe();
    if (!all && std::find(names.begin(), names.end(), probe.name()) == names.end()) continue;
    if (probe.host() != host) {
      if (IsFrom(probe, stored->record, selector)) add(probe, host);
      continue;
    }
    size_t sources = 0;
    for (const std::string& other : fleet.ConnectedHosts()) {
      if (other == host || sources == kMaxSources) continue;
      const auto source = registry.Find(other);
      if (!source.has_value() || !IsFrom(probe, source->record, selector)) continue;
      add(probe, other);
      ++sources;
    }
    // No host can try it, which must be reported.
    if (sources == 0) runs.push_back({probe, "", ""});
  }
  return runs;
}

bool ProbeRound::Outcome::AsExpected() const {
  return answer.has_value() && (answer->outcome() == v1::ProbeAnswer::answered) ==
                                   (run.probe.expect() == v1::Probe::open);
}

struct ProbeRound::Asked {
  ProbeRun run;
  std::shared_ptr<HostQuestion> question;  // null: the host could not be asked
  std::string why;
  absl::Mutex mutex;
  std::optional<v1::ProbeAnswer> answer ABSL_GUARDED_BY(mutex);
};

ProbeRound::ProbeRound(std::vector<ProbeRun> runs, const Fleet& fleet) {
  for (ProbeRun& run : runs) {
    const auto asked = asked_.emplace_back(std::make_shared<Asked>());
    asked->run = std::move(run);
    const v1::Probe& probe = asked->run.probe;
    if (asked->run.from.empty()) {
      asked->why = "no host that is to try it is connected";
      continue;
    }
    if (asked->run.address.empty()) {
      asked->why = absl::StrCat("the addresses of host ", probe.host(), " are not known");
      continue;
    }
    auto session = fleet.Find(asked->run.from);
    if (session == nullptr) {
      asked->why = absl::StrCat("host ", asked->run.from, " is not connected");
      continue;
    }
    const absl::Duration timeout =
        probe.has_timeout() ? policy::ToDuration(probe.timeout()) : kTimeout;
    asked->question = HostQuestion::Ask(std::move(session), QuestionFor(asked->run, timeout),
                                        timeout + kGrace, [asked](const v1::Answer& answer) {
                                          absl::MutexLock lock(&asked->mutex);
                                          if (answer.has_probe()) asked->answer = answer.probe();
                                        });
  }
}

ProbeRound::~ProbeRound() {
  for (const auto& asked : asked_) {
    if (asked->question != nullptr) asked->question->Stop();
  }
}

const std::vector<ProbeRound::Outcome>* ProbeRound::Outcomes() {
  if (outcomes_.has_value()) return &*outcomes_;
  std::vector<Outcome> outcomes;
  for (const auto& asked : asked_) {
    std::string why = asked->why;
    if (asked->question != nullptr) {
      const std::optional<absl::Status> result = asked->question->Result();
      if (!result.has_value()) return nullptr;
      if (!result->ok()) {
        why = absl::StrCat("host ", asked->run.from, ": ", result->message());
      }
    }
    absl::MutexLock lock(&asked->mutex);
    outcomes.push_back({asked->run, why.empty() ? asked->answer : std::nullopt, std::move(why)});
  }
  outcomes_ = std::move(outcomes);
  return &*outcomes_;
}

std::string ProbeText(const ProbeRound::Outcome& outcome) {
  const v1::Probe& probe = outcome.run.probe;
  std::string text = absl::StrCat("probe ", probe.name(), " from ",
                                  outcome.run.from.empty() ? "any host" : outcome.run.from, " to ",
                                  outcome.run.address.empty() ? probe.host() : outcome.run.address,
                                  " (", probe.protocol());
  if (probe.port() != 0) absl::StrAppend(&text, "/", probe.port());
  absl::StrAppend(&text, "), which should be ", v1::Probe::Expectation_Name(probe.expect()));
  if (!outcome.answer.has_value()) return absl::StrCat(text, ", had no result: ", outcome.why);
  absl::string_view found = "open";
  switch (outcome.answer->outcome()) {
    case v1::ProbeAnswer::refused: found = "refused"; break;
    case v1::ProbeAnswer::silent: found = "silent"; break;
    case v1::ProbeAnswer::forbidden: found = "forbidden by the host's own rules"; break;
    default: break;
  }
  return absl::StrCat(text, ", found it ", found);
}

}  // namespace firebreak::controller
