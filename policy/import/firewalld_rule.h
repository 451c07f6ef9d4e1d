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

// Reads the parts of zones and policies of firewalld: firewalld.zone(5), firewalld.richlanguage(5).
// `files` are all files by their paths below /etc/firewalld.
class FirewalldRules {
 public:
  explicit FirewalldRules(const std::map<std::string, SourceText>& files) : files_(files) {}

  // What stands in the order of a zone's chains: by the priority of rich rules, and with priority 0
  // those that refuse before those that let in.
  struct Placed {
    int priority = 0;
    bool refuses = false;
    Rule rule;
  };

  // The rules that an element of a zone comes to: service, port, protocol, source-port, icmp-block,
  // rule. `inverted_blocks`: what icmp-block names is let in, and all else is not.
  //
  // InvalidArgument: the reason why it cannot be said.
  absl::StatusOr<std::vector<Placed>> Read(const XmlElement& element, bool inverted_blocks);

  // What changes addresses: forward-port, of a zone or of a rich rule; none: it is no such element.
  absl::StatusOr<std::vector<Rule>> ReadForwardPort(const XmlElement& element);

  // The addresses of a source or a destination: address or ipset.
  absl::StatusOr<Addresses> ReadAddresses(const XmlElement& element);

  // The helpers of the services that were read, as a policy's `helpers` spells them.
  const std::set<std::string>& helpers() const { return helpers_; }

 private:
  // The file's root element, which is read once; null: there is no such file.
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
