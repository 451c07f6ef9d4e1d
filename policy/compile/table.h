// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_TABLE_H_
#define FIREBREAK_POLICY_COMPILE_TABLE_H_

#include <map>
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

// The table under construction. Chains that several others share come into being when the first
// of them needs one.
class TableBuilder {
 public:
  // `origins`, if not null, learns where elements come from; it must outlive the builder.
  // `senders` too.
  TableBuilder(const v1::Logging& logging, Origins* origins, const Senders& senders)
      : logging_(logging), origins_(origins), senders_(senders) {}

  // Whoever adds a thing of a name that is there already adds the same thing: several may share it.
  // Two different ones are an internal error, which Finish returns.
  void AddChain(const std::string& name, ruleset::Chain chain);
  void AddChain(const std::string& name, std::vector<ruleset::Rule> rules) {
    AddChain(name, ruleset::Chain{.rules = std::move(rules)});
  }
  void AddSet(const std::string& name, ruleset::Set set);
  void AddObject(const std::string& name, ruleset::Object object);

  // To a chain that counts the packet for `reason`, logs it if the host does, and drops it or, if
  // `observe`, lets it pass.
  ruleset::Verdict Refuse(const std::string& reason, bool observe) {
    return Refuse(reason, observe, /*tell=*/false);
  }
  // The same, but the sender is told of what is dropped, at a bounded rate.
  ruleset::Verdict Reject(const std::string& reason, bool observe) {
    return Refuse(reason, observe, /*tell=*/true);
  }

  void NoteOrigin(const std::string& map, const ruleset::Bytes& key, const v1::Mapping& mapping) {
    if (origins_ != nullptr) (*origins_)[{map, key}] = &mapping;
  }

  // Where a packet ends up that goes to the chain: chains that do nothing but send all of them on
  // are left out, and taken away, as nothing else may go to them.
  ruleset::Verdict Shortcut(std::string chain);

  // The list in parts, and a part flattened, once for all that ask with the same scope and list.
  const std::vector<Part>& PartsFor(const ObjectName& scope,
                                    const std::vector<const v1::Mapping*>& mappings);
  const std::vector<Piece>& PiecesOf(const ObjectName& scope,
                                     const std::vector<const v1::Mapping*>& mappings,
                                     v1::Traffic::Action fallback);
  Allowance& allowance() { return allowance_; }

  // Whether a record is made of everything that is refused.
  bool LogsDropped() const { return logging_.dropped(); }
  const Senders& senders() const { return senders_; }
  // Not everything that mappings leave undecided is refused: those that refuse say so themselves.
  void KeepRefusals() { keeps_refusals_ = true; }
  bool keeps_refusals() const { return keeps_refusals_; }
  // The kernel completes the TCP handshake of every mapping for which it can.
  void ProxyAllHandshakes() { proxies_all_ = true; }
  bool proxies_all() const { return proxies_all_; }
  // What the proxy of handshakes offers clients in a service's name.
  void OfferWindowScale(uint8_t scale) { window_scale_ = scale; }
  uint8_t window_scale() const { return window_scale_; }

  bool HasChain(const std::string& name) const { return table_.chains.contains(name); }

  // The table, its elements sorted, its sets sized. ResourceExhausted: the policy is more than the
  // allowance.
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
