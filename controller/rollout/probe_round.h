// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ROLLOUT_PROBE_ROUND_H_
#define FIREBREAK_CONTROLLER_ROLLOUT_PROBE_ROUND_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "controller/fleet/fleet.h"
#include "controller/fleet/host_question.h"
#include "controller/hosts/registry.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/merge/select.h"

namespace firebreak::controller {

// One connection that is to be tried, because of a Probe.
struct ProbeRun {
  v1::Probe probe;
  std::string from;     // a host
  std::string address;  // empty: that of the probe's host is not known

  friend bool operator==(const ProbeRun& a, const ProbeRun& b) {
    return a.probe.name() == b.probe.name() && a.from == b.from && a.address == b.address;
  }
};

// The runs that tell something about this host: those from it, and those to it from some others
// that are connected. `names` are those of the strategy's gates. A probe of the host itself is
// none.
std::vector<ProbeRun> ProbesAbout(const std::string& host,
                                  const google::protobuf::RepeatedPtrField<std::string>& names,
                                  const policy::Selector& selector, const Registry& registry,
                                  const Fleet& fleet);

// All runs, tried once at the same time by the hosts' agents. Not thread-safe.
class ProbeRound {
 public:
  struct Outcome {
    ProbeRun run;
    std::optional<v1::ProbeAnswer> answer;  // none: there is no data
    std::string why = {};                   // of none

    bool AsExpected() const;
  };

  ProbeRound(std::vector<ProbeRun> runs, const Fleet& fleet);
  ~ProbeRound();
  ProbeRound(const ProbeRound&) = delete;
  ProbeRound& operator=(const ProbeRound&) = delete;

  // Null until all runs have an outcome.
  const std::vector<Outcome>* Outcomes();

 private:
  struct Asked;
  std::vector<std::shared_ptr<Asked>> asked_;
  std::optional<std::vector<Outcome>> outcomes_;
};

// "probe web from client1 to 10.0.0.1 (tcp/80), which should be open, found it silent".
std::string ProbeText(const ProbeRound::Outcome& outcome);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ROLLOUT_PROBE_ROUND_H_
