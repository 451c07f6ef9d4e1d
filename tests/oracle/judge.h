// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_ORACLE_JUDGE_H_
#define FIREBREAK_TESTS_ORACLE_JUDGE_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/enforce/enforcer.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/compile/compile.h"
#include "policy/trace/trace.h"
#include "tests/oracle/foreign_nat.h"
#include "tests/oracle/probe.h"
#include "tests/oracle/world.h"

namespace firebreak::oracle {

// What a host is given to enforce, and where its interfaces are.
struct Setting {
  std::vector<v1::Resource> resources;
  std::set<size_t> at_corp;  // indices into World::interfaces()
  bool router = false;       // it forwards, whoever has made it so
  // What the last of its interfaces is: ethernet, vpn, or bridge, with a container on it.
  std::string inner_type = "ethernet";
  ForeignNat foreign;
  bool attacked = false;  // the detector sees a flood, and the host is defended
};

// One probe, and what the trace and the kernel said of it.
struct Judgement {
  policy::Trace trace;
  std::optional<Observation> seen;  // none: it could not be sent
  std::string disagreement;         // empty: there is none
};

// Has the kernel enforce a setting, the whole way from the resources' text, and asks both what they
// make of probes.
class Judge {
 public:
  explicit Judge(World& world);

  // False, with `why`: the setting is not valid, or the kernel refuses it.
  bool Enforce(const Setting& setting, std::string& why);

  // Whether the kernel's answer can be told from what it tells of its state: not of a segment in a
  // TCP connection that was reset. The kernel keeps to itself who reset it, and the windows that a
  // reset leaves hang on what else it has overlooked before.
  bool CanTell(const Probe& probe) const;

  Judgement Ask(const Probe& probe);

  const ruleset::Ruleset& ruleset() const { return ruleset_; }

 private:
  // The interface by which a packet of an unbound socket leaves; none: no route leads there.
  std::optional<policy::Packet::Device> RouteOf(const policy::Packet& packet) const;

  World& world_;
  agent::Enforcer enforcer_;
  agent::Nftables sets_;
  ruleset::Ruleset ruleset_;
  policy::HostState state_;
};

// Probes of a setting of which the last one is judged: what is left of them and of the setting when
// all is gone that the disagreement does not need.
void Minimise(Judge& judge, const std::string& disagreement, Setting& setting,
              std::vector<Probe>& probes);

// For whoever is to understand it.
std::string Describe(const Setting& setting, const std::vector<Probe>& probes,
                     const Judgement& judgement, const ruleset::Ruleset& ruleset,
                     const std::vector<World::Interface>& interfaces);

}  // namespace firebreak::oracle

#endif  // FIREBREAK_TESTS_ORACLE_JUDGE_H_
