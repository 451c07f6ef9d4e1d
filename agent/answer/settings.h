// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ANSWER_SETTINGS_H_
#define FIREBREAK_AGENT_ANSWER_SETTINGS_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/answer/background_answers.h"
#include "agent/answer/demanded_settings.h"
#include "agent/answer/snapshot.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// Reads one setting by its name below /proc/sys: ReadSetting, or a substitute in tests.
using SettingReader = std::function<absl::StatusOr<std::string>(const std::string&)>;

// Returns the kernel settings that a firewall depends on, and those that hardening guides name: the
// value found, the recommended value, whether the value found is good, and why. The value that
// counts is the one in effect for an interface, which for some settings depends on `all` too. If a
// policy demands a value, that value is the recommended one, whatever guides say. Source:
// Documentation/networking/ip-sysctl.rst and nf_conntrack-sysctl.rst of the kernel.
std::vector<v1::HostSetting> DescribeSettings(const std::vector<std::string>& interfaces,
                                              const std::map<std::string, SettingDemand>& demands,
                                              const SettingReader& read);

// Answers a SettingsQuestion. Call this on a thread of its own. NotFound: the catalogue has no
// setting of the name that is asked for.
absl::StatusOr<v1::Answer> ProduceSettings(const v1::SettingsQuestion& question,
                                           const Snapshot& host,
                                           const BackgroundAnswers::Emit& emit);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_SETTINGS_H_
