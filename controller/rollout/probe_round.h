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

// One connection to try, as a Probe demands.
struct ProbeRun {
  v1::Probe probe;
  std::string from;     // the host that tries it
  std::string address;  // empty: the target host's address is unknown

  friend bool operator==(const ProbeRun& a, const ProbeRun& b) {
    return a.probe.name() == b.probe.name() && a.from == b.from && a.address == b.address;
  }
};

// Returns the runs that say something about this host: probes from the host, and probes to it from
// a few other connected hosts. `names` are the probes of the strategy's gates. Probes from the host
// to itself are left out.
std::vector<ProbeRun> ProbesAbout(const std::string& host,
                                  const google::protobuf::RepeatedPtrField<std::string>& names,
                                  const policy::Selector& selector, const Registry& registry,
                                  const Fleet& fleet);

// A set of runs, which the hosts' agents try once, all at the same time. Not thread-safe.
class ProbeRound {
 public:
  struct Outcome {
    ProbeRun run;
    std::optional<v1::ProbeAnswer> answer;  // none: there are no data
    std::string why = {};                   // why there is no answer

    bool AsExpected() const;
  };

  ProbeRound(std::vector<ProbeRun> runs, const Fleet& fleet);
  ~ProbeRound();
  ProbeRound(const ProbeRound&) = delete;
  ProbeRound& operator=(const ProbeRound&) = delete;

  // Returns null until all runs have an outcome.
  const std::vector<Outcome>* Outcomes();

 private:
  struct Asked;
  std::vector<std::shared_ptr<Asked>> asked_;
  std::optional<std::vector<Outcome>> outcomes_;
};

// Returns a text such as "probe web from client1 to 10.0.0.1 (tcp/80), which should be open, found
// it silent".
std::string ProbeText(const ProbeRound::Outcome& outcome);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ROLLOUT_PROBE_ROUND_H_
