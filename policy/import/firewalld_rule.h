// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_FIREWALLD_RULE_H_
#define FIREBREAK_POLICY_IMPORT_FIREWALLD_RULE_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/import/chains.h"
#include "policy/import/source_text.h"
#include "policy/import/xml.h"

namespace firebreak::importer {

// Reads parts of firewalld's zones and policies: firewalld.zone(5), firewalld.richlanguage(5).
// `files` are all files by their paths below /etc/firewalld.
class FirewalldRules {
 public:
  explicit FirewalldRules(const std::map<std::string, SourceText>& files) : files_(files) {}

  // A rule with its place in the zone's chains: rich rules are ordered by priority, and within
  // priority 0, rules that refuse come before rules that let in.
  struct Placed {
    int priority = 0;
    bool refuses = false;
    Rule rule;
  };

  // Returns the rules for an element of a zone: service, port, protocol, source-port, icmp-block or
  // rule. With `inverted_blocks`, the types that icmp-block names are let in and all others are
  // not.
  //
  // Returns InvalidArgument with the reason if a policy cannot express the element.
  absl::StatusOr<std::vector<Placed>> Read(const XmlElement& element, bool inverted_blocks);

  // Returns the address changes of a forward-port element of a zone or a rich rule; empty for other
  // elements.
  absl::StatusOr<std::vector<Rule>> ReadForwardPort(const XmlElement& element);

  // Returns the addresses of a source or destination element: its address or ipset attribute.
  absl::StatusOr<Addresses> ReadAddresses(const XmlElement& element);

  // The helpers of all services read so far, in the spelling of a policy's `helpers`.
  const std::set<std::string>& helpers() const { return helpers_; }

 private:
  // Returns the file's root element, parsing the file only once; null if there is no such file.
  absl::StatusOr<const XmlElement*> FindFile(const std::string& path);
  absl::StatusOr<std::vector<Match>> ReadTraffic(const XmlElement& element);
  absl::StatusOr<std::vector<Match>> ReadService(const std::string& name, int depth);
  absl::StatusOr<Match> ReadIcmpType(const std::string& name);
  absl::StatusOr<std::vector<Placed>> ReadRich(const XmlElement& element);
  absl::StatusOr<Match> ReadEnds(const XmlElement& rule);

  const std::map<std::string, SourceText>& files_;
  std::set<std::string> helpers_;
  std::map<std::string, absl::StatusOr<XmlElement>> read_;  // by path
};

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_FIREWALLD_RULE_H_
