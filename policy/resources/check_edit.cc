// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "policy/resources/check.h"
#include "policy/resources/check_mappings.h"
#include "policy/resources/check_references.h"
#include "policy/resources/edit.h"
#include "policy/resources/names.h"

namespace firebreak::policy {

void CheckEdit(const v1::Edit& edit, const References& references, Findings& findings) {
  const FieldPath top;
  if (EditNumber(edit.name()) == 0) {
    findings.Add(FieldPath(top, "name"),
                 absl::StrCat(Quoted(edit.name()),
                              " is not the name of an edit, such as \"edit-12\": the newer one has "
                              "the higher number"));
  }
  if (edit.group().empty()) {
    findings.AddMissing(FieldPath(top, "group"),
                        "the edit has no \"group\"; for all hosts write all");
  } else {
    CheckGroupReference(edit.group(), FieldPath(top, "group"), references, findings);
  }
  if (!edit.interface().empty()) {
    findings.Add(FieldPath(top, "interface"), CheckInterfaceName(edit.interface(), true));
  }
  if (!edit.location().empty()) {
    CheckLocationReference(edit.location(), FieldPath(top, "location"), references, findings);
  }
  const bool switches = edit.firewall() != v1::Firewall::unspecified;
  if (switches == edit.has_mapping()) {
    findings.AddMissing(top, "an edit has either \"firewall\" or \"mapping\"");
  }
  if (!v1::Firewall::Mode_IsValid(edit.firewall())) {
    findings.Add(FieldPath(top, "firewall"), "unknown mode: it is on, off or observe");
  }
  if (!edit.has_mapping()) return;
  if (edit.mapping().name().empty()) {
    findings.AddMissing(FieldPath(top, "mapping"), "the mapping of an edit has a \"name\"");
  }
  CheckMappings({{&edit.mapping(), "mapping", -1, edit.mapping().action()}}, MappingList::kInbound,
                top, references, findings);
}

}  // namespace firebreak::policy
