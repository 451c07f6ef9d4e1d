// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_TABLE_H_
#define FIREBREAK_POLICY_COMPILE_TABLE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/compile/allowance.h"
#include "policy/compile/flatten.h"
#include "policy/compile/object_name.h"
#include "policy/compile/origins.h"
#include "policy/compile/parts.h"
#include "policy/compile/senders.h"
#include "policy/ruleset/ruleset.h"

namespace firebreak::policy {

// The table under construction. Chains that several others share are made when the first of them
// needs one.
class TableBuilder {
 public:
  // `origins`, if not null, receives the mapping that each element comes from. `origins` and
  // `senders` must outlive the builder.
  TableBuilder(const v1::Logging& logging, Origins* origins, const Senders& senders)
      : logging_(logging), origins_(origins), senders_(senders) {}

  // Adding a thing whose name exists must add the same thing again: several callers may share it.
  // Two different things of one name are an internal error, which Finish returns.
  void AddChain(const std::string& name, ruleset::Chain chain);
  void AddChain(const std::string& name, std::vector<ruleset::Rule> rules) {
    AddChain(name, ruleset::Chain{.rules = std::move(rules)});
  }
  void AddSet(const std::string& name, ruleset::Set set);
  // Adds a set that packets fill: sources, or whom the host has sent to. Whoever sends many packets
  // fills all of them, so those of a host share kMostRememberedInAll places, some 400 MiB.
  void AddMeter(const std::string& name, ruleset::Set set, const v1::Mapping& mapping);
  static constexpr uint32_t kMostRemembered = 65'536;
  static constexpr uint32_t kMostRememberedInAll = 1 << 21;
  void AddObject(const std::string& name, ruleset::Object object);

  // Returns a verdict that leads to a chain which counts the packet for `reason`, logs it if the
  // host logs drops, and drops it or, with `observe`, accepts it.
  ruleset::Verdict Refuse(const std::string& reason, bool observe) {
    return Refuse(reason, observe, /*tell=*/false);
  }
  // The same, but senders of dropped packets are told, at a bounded rate.
  ruleset::Verdict Reject(const std::string& reason, bool observe) {
    return Refuse(reason, observe, /*tell=*/true);
  }

  void NoteOrigin(const std::string& map, const ruleset::Bytes& key, const v1::Mapping& mapping) {
    if (origins_ != nullptr) (*origins_)[{map, key}] = &mapping;
  }

  // Returns a verdict to the chain where the packets of `chain` end up. Chains that only pass all
  // packets on are skipped and removed, so nothing else may refer to them.
  ruleset::Verdict Shortcut(std::string chain);

  // The parts of a list, and the pieces of a part. Both are computed once for each scope and list.
  const std::vector<Part>& PartsFor(const ObjectName& scope,
                                    const std::vector<const v1::Mapping*>& mappings);
  const std::vector<Piece>& PiecesOf(const ObjectName& scope,
                                     const std::vector<const v1::Mapping*>& mappings,
                                     v1::Traffic::Action fallback);
  Allowance& allowance() { return allowance_; }

  // Whether everything refused is logged.
  bool LogsDropped() const { return logging_.dropped(); }
  const Senders& senders() const { return senders_; }
  // Keeps blocking mappings in the maps, because not everything that mappings leave undecided will
  // be refused.
  void KeepRefusals() { keeps_refusals_ = true; }
  bool keeps_refusals() const { return keeps_refusals_; }
  // Makes the kernel complete the TCP handshake for every mapping for which it can.
  void ProxyAllHandshakes() { proxies_all_ = true; }
  bool proxies_all() const { return proxies_all_; }
  // Sets the window scale that the handshake proxy offers in a service's name.
  void OfferWindowScale(uint8_t scale) { window_scale_ = scale; }
  uint8_t window_scale() const { return window_scale_; }

  bool HasChain(const std::string& name) const { return table_.chains.contains(name); }

  // Returns the table with sorted elements and sized sets, or ResourceExhausted if the policy needs
  // more than the allowance.
  absl::StatusOr<ruleset::Table> Finish() &&;

 private:
  ruleset::Verdict Refuse(const std::string& reason, bool observe, bool tell);
  void Collide(absl::string_view kind, const std::string& name);

  const v1::Logging& logging_;
  Origins* const origins_;
  const Senders& senders_;
  ruleset::Table table_;
  absl::Status status_;
  bool keeps_refusals_ = false;
  Allowance allowance_;
  std::set<std::string> meters_;
  bool proxies_all_ = false;
  uint8_t window_scale_ = 0;
  struct Flat {
    std::vector<const v1::Mapping*> mappings;
    v1::Traffic::Action fallback;
    std::vector<Piece> pieces;
  };
  std::map<std::string, Flat> flat_;
  struct Parts {
    std::vector<const v1::Mapping*> mappings;
    std::vector<Part> parts;
  };
  std::map<std::string, Parts> parts_;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_TABLE_H_
