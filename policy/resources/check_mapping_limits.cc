// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/str_cat.h"
#include "policy/resources/check_mapping.h"
#include "policy/resources/expiry.h"
#include "policy/resources/names.h"
#include "policy/resources/rate.h"

namespace firebreak::policy {
namespace {

constexpr uint32_t kMostBurst = 10'000;
constexpr uint32_t kMostFlows = 1'000'000;
constexpr size_t kMaxDescription = 4096;  // bytes

void CheckPer(const CheckedMapping& checked, v1::Per::Key per, const FieldPath& path) {
  if (v1::Per::Key_IsValid(per)) return;
  checked.findings.Add(FieldPath(path, "per"), "unknown key: it is source, or left out");
}

void CheckRateLimit(const CheckedMapping& checked) {
  if (!checked.mapping.has_limit()) return;
  const v1::RateLimit& limit = checked.mapping.limit();
  const FieldPath path(checked.path, "limit");
  if (!checked.Admits()) {
    checked.findings.Add(path,
                         "a limit says how much is let in: what is blocked has none. To block what "
                         "is above a rate, limit the mapping that allows it");
    return;
  }
  if (limit.rate().empty()) {
    checked.findings.AddMissing(path, "the limit has no \"rate\", such as \"10/minute\"");
  } else {
    checked.findings.Add(FieldPath(path, "rate"), ParseRate(limit.rate()).status());
  }
  if (limit.has_burst() && (limit.burst() < 1 || limit.burst() > kMostBurst)) {
    checked.findings.Add(FieldPath(path, "burst"),
                         absl::StrCat("a burst of ", limit.burst(),
                                      " is out of range: it goes from 1 to ", kMostBurst));
  }
  CheckPer(checked, limit.per(), path);
}

void CheckFlowLimit(const CheckedMapping& checked) {
  if (!checked.mapping.has_connections()) return;
  const v1::FlowLimit& most = checked.mapping.connections();
  const FieldPath path(checked.path, "connections");
  if (!checked.Admits()) {
    checked.findings.Add(path,
                         "connections are counted of what is let in: what is blocked has none");
    return;
  }
  if (most.max() < 1 || most.max() > kMostFlows) {
    checked.findings.Add(FieldPath(path, "max"),
                         absl::StrCat("connections: max is ", most.max(),
                                      ", which is out of range: it goes from 1 to ", kMostFlows));
  }
  CheckPer(checked, most.per(), path);
}

void CheckLog(const CheckedMapping& checked) {
  if (checked.mapping.log_rate().empty()) return;
  const FieldPath path(checked.path, "log_rate");
  checked.findings.Add(path, ParseRate(checked.mapping.log_rate()).status());
  if (!checked.mapping.log()) {
    checked.findings.Add(path,
                         "the mapping makes no records whose rate this could be: write "
                         "\"log: true\" beside it");
  }
}

void CheckExpiry(const CheckedMapping& checked) {
  if (checked.mapping.expires().empty()) return;
  const FieldPath path(checked.path, "expires");
  const auto expires = ParseExpiry(checked.mapping.expires());
  if (!expires.ok()) return checked.findings.Add(path, expires.status());
  if (checked.references.now == 0 || *expires > checked.references.now) return;
  checked.findings.Add(path, absl::StrCat("the mapping expired at ", ExpiryText(*expires),
                                          ", which is past; remove it, or give it a later time"));
}

}  // namespace

void CheckLimits(const CheckedMapping& checked) {
  CheckRateLimit(checked);
  CheckFlowLimit(checked);
  CheckLog(checked);
  CheckExpiry(checked);
  if (checked.mapping.description().size() > kMaxDescription) {
    checked.findings.Add(
        FieldPath(checked.path, "description"),
        absl::StrCat("the description is longer than ", kMaxDescription, " bytes"));
  }
}

}  // namespace firebreak::policy
