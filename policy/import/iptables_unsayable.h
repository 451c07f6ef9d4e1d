// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_IPTABLES_UNSAYABLE_H_
#define FIREBREAK_POLICY_IMPORT_IPTABLES_UNSAYABLE_H_

#include "absl/strings/string_view.h"

namespace firebreak::importer {

// What an option of iptables looks at and no mapping does; empty: it is no such option.
absl::string_view WhatNobodyLooksAt(absl::string_view option);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_IPTABLES_UNSAYABLE_H_
