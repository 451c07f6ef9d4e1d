// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_IPTABLES_UNSAYABLE_H_
#define FIREBREAK_POLICY_IMPORT_IPTABLES_UNSAYABLE_H_

#include "absl/strings/string_view.h"

namespace firebreak::importer {

// Returns a description of what the option matches if no mapping can match it, else an empty text.
absl::string_view WhatNobodyLooksAt(absl::string_view option);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_IPTABLES_UNSAYABLE_H_
