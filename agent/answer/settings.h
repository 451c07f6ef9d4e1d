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

// Reads one setting by its name below /proc/sys: ReadSetting, or what a test has instead of it.
using SettingReader = std::function<absl::StatusOr<std::string>(const std::string&)>;

// The settings of the kernel that a firewall depends on, and those that guides to hardening name:
// as found, what is recommended, whether it is good so, and why. What is judged is the value that
// holds for an interface, which for some settings takes `all` into account. What a policy demands
// is what is recommended, whatever guides say.
// Documentation/networking/ip-sysctl.rst and nf_conntrack-sysctl.rst of the kernel are the source.
std::vector<v1::HostSetting> DescribeSettings(const std::vector<std::string>& interfaces,
                                              const std::map<std::string, SettingDemand>& demands,
                                              const SettingReader& read);

// Answers SettingsQuestion, on a thread of its own.
absl::StatusOr<v1::Answer> ProduceSettings(const Snapshot& host,
                                           const BackgroundAnswers::Emit& emit);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_SETTINGS_H_
