// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "policy/resources/address_list.h"
#include "policy/resources/check_mapping.h"
#include "policy/resources/forward.h"
#include "policy/resources/names.h"
#include "policy/resources/prefix.h"
#include "policy/resources/protocols.h"
#include "policy/resources/resolve.h"
#include "policy/resources/service_catalogue.h"

namespace firebreak::policy {
namespace {

constexpr int kMaxResponses = 64;

class ActionCheck {
 public:
  explicit ActionCheck(const CheckedMapping& checked)
      : checked_(checked), mapping_(checked.mapping), findings_(checked.findings) {}

  void Check() {
    CheckActionItself();
    CheckForward();
    CheckHandshake();
    CheckResponses();
  }

 private:
  FieldPath Field(absl::string_view field, int index = -1) const {
    return {checked_.path, field, index};
  }
  bool Inbound() const { return checked_.list == MappingList::kInbound; }

  void CheckActionItself() {
    const v1::Traffic::Action written = mapping_.action();
    if (!v1::Traffic::Action_IsValid(written)) {
      findings_.Add(Field("action"), "unknown action: it is allow, block or reject");
    } else if (!Inbound() && written != v1::Traffic::unspecified &&
               !(written == v1::Traffic::reject && checked_.action != v1::Traffic::allow)) {
      findings_.Add(
          Field("action"),
          absl::StrCat(
              checked_.list == MappingList::kOutbound ? "in \"outbound\"" : "in \"forward\"",
              " the list that a mapping is in says whether it allows or blocks; "
              "leave \"action\" out, or write \"reject\" in the list \"block\""));
    }
  }

  void CheckForward() {
    if (mapping_.forward_to().empty()) return;
    const FieldPath path = Field("forward_to");
    if (!Inbound() || !checked_.Admits()) {
      findings_.Add(path, "only what is let in can be sent on; leave \"forward_to\" out");
      return;
    }
    if (mapping_.has_limit() || mapping_.has_connections()) {
      findings_.Add(path,
                    "a flow is sent on before it is counted, so it would not come back when it is "
                    "above the limit: it cannot be had together with \"limit\" or "
                    "\"connections\"");
      return;
    }
    const absl::StatusOr<v1::Forward> forward = ParseForward(mapping_.forward_to());
    if (!forward.ok()) return findings_.Add(path, forward.status());
    for (const v1::PortRange& range : PortRangesOf(checked_.references.configuration, mapping_)) {
      if (!HasPorts(static_cast<uint8_t>(range.protocol())) && forward->port() != 0) {
        findings_.Add(
            path, absl::StrCat("protocol ", ProtocolText(static_cast<uint8_t>(range.protocol())),
                               " has no ports; give the address alone"));
      } else if (range.first() != range.last() && forward->port() != 0) {
        findings_.Add(path,
                      "a range of ports cannot be sent to one port; give the address alone, and "
                      "each keeps its port");
      } else if (forward->address().empty() && range.first() == forward->port()) {
        findings_.Add(path, "this sends the port to itself; leave \"forward_to\" out");
      } else {
        continue;
      }
      return;
    }
    CheckFamilies(forward->address().size(), mapping_.from(), "from");
    CheckFamilies(forward->address().size(), mapping_.to(), "to");
  }

  void CheckFamilies(size_t family, const InternedStrings& texts, absl::string_view field) {
    for (int i = 0; i < texts.size(); ++i) {
      const auto addresses = ParseAddresses(texts[i]);
      if (family == 0 || !addresses.ok() || addresses->front().address.size() == family) continue;
      findings_.Add(Field(field, i),
                    absl::StrCat(texts[i], " and ", mapping_.forward_to(),
                                 " are not of one address family: nothing could be sent on"));
    }
  }

  void CheckHandshake() {
    const FieldPath path = Field("handshake");
    if (!v1::Handshake::Mode_IsValid(mapping_.handshake())) {
      findings_.Add(path, "unknown mode: it is direct or proxy");
    }
    if (mapping_.handshake() != v1::Handshake::proxy) return;
    const bool says_more = !mapping_.to().empty() || !mapping_.to_except().empty() ||
                           !mapping_.source_ports().empty() || mapping_.has_limit() ||
                           mapping_.has_connections();
    if (!Inbound() || !checked_.Admits()) {
      findings_.Add(path, "a handshake is proxied for what is let in; leave \"handshake\" out");
    } else if (!mapping_.forward_to().empty()) {
      findings_.Add(path,
                    "the kernel's SYN proxy serves this host's own services: it cannot be had "
                    "together with \"forward_to\"");
    } else if (says_more) {
      findings_.Add(path,
                    "the kernel's SYN proxy answers by port and source alone: it cannot be had "
                    "together with \"to\", \"source_ports\", \"limit\" or \"connections\"");
    } else {
      const auto ranges = PortRangesOf(checked_.references.configuration, mapping_);
      const bool tcp = std::any_of(ranges.begin(), ranges.end(), [](const v1::PortRange& range) {
        return range.protocol() == IPPROTO_TCP;
      });
      const bool any = std::any_of(ranges.begin(), ranges.end(), [](const v1::PortRange& range) {
        return range.protocol() == kAnyProtocol;
      });
      if (any) {
        findings_.Add(path, "a handshake is proxied for ports of TCP; name them");
      } else if (!tcp && !ranges.empty()) {
        findings_.Add(path, "only TCP has a handshake");
      }
    }
  }

  void CheckResponses() {
    if (mapping_.responses().empty()) return;
    const FieldPath path = Field("responses");
    if (checked_.list != MappingList::kOutbound) {
      findings_.Add(path,
                    "responses belong to what this host begins: write the mapping into the list "
                    "\"allow\" of \"outbound\"");
    } else if (!checked_.Admits()) {
      findings_.Add(path, "what is blocked is not answered; leave \"responses\" out");
    }
    if (mapping_.responses_size() > kMaxResponses) {
      findings_.Add(path, absl::StrCat("more than ", kMaxResponses, " responses"));
      return;
    }
    for (int i = 0; i < mapping_.responses_size(); ++i) {
      findings_.Add(Field("responses", i), ParseServicePort(mapping_.responses(i)).status());
    }
  }

  const CheckedMapping& checked_;
  const v1::PortMapping& mapping_;
  Findings& findings_;
};

}  // namespace

void CheckAction(const CheckedMapping& checked) { ActionCheck(checked).Check(); }

}  // namespace firebreak::policy
