// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_SETTINGS_SETTINGS_H_
#define FIREBREAK_AGENT_KERNEL_SETTINGS_SETTINGS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policy/hardening/sysctls.h"

namespace firebreak::agent {

// Sysctl values by their names below /proc/sys.
using Settings = std::map<std::string, std::string>;

// Reads one value, without the newline. Returns NotFound if the kernel has no sysctl of that name.
absl::StatusOr<std::string> ReadSetting(const std::string& name);

// A value that somebody else has changed.
struct ForeignSetting {
  std::string name;
  std::string wanted;
  std::string found;
  std::string policy;
  bool put_back = false;  // false: the policy does not enforce it, or see `error`
  std::string error;      // why it could not be restored
};

// The state of a wanted value.
struct SettingState {
  std::string name;
  policy::WantedSysctl wanted;
  std::string before;    // the value before Firebreak first set it
  std::string problem;   // why it is not as wanted; empty: it is, as far as known
  uint64_t changed = 0;  // how often others changed it
};

// Owns every sysctl that Firebreak sets: those that the rules need, and those that policies set on
// the TCP/IP stack. The value found is saved in a file before it is overwritten, so it survives the
// agent, and is restored when nobody wants another value. For an interface that appears later, the
// value found is the one that it would have had without Firebreak.
//
// A value without a policy's setting (WantedSysctl.setting) is needed by the rules; failing to set
// it is an error. If a value that a policy wants cannot be set, the problem is reported and all
// other values are set.
//
// Forwarding often has several owners. If forwarding was on when the rules first needed it, it
// stays on when they no longer do, even if after a reboot its owner sets it later than Firebreak.
// It also stays on if somebody else has turned it on since. That shows after a reboot, when it is
// on before Firebreak sets it, or by `others_forward`.
//
// Threading: one thread at a time. Works in the network namespace of the thread.
class KernelSettings {
 public:
  // Returns whether others rely on the host forwarding packets of a family (NFPROTO_*).
  using OthersForward = std::function<bool(uint8_t family)>;

  // `file` remembers the original values; empty: they are not saved. An existing file is read.
  explicit KernelSettings(std::string file, OthersForward others_forward = nullptr);

  // Restores the original values of all sysctls that `wanted` does not have. A value that is
  // neither ours nor the original was set by somebody else since, and is left alone.
  absl::Status Restore(const policy::WantedSysctls& wanted);
  // Sets all values of `wanted`. Returns an error if a value that the rules need cannot be set; all
  // others are set nevertheless. Values set here are watched by Check until Restore restores them.
  absl::Status Apply(const policy::WantedSysctls& wanted);

  // Compares the kernel with the values applied, or with those in `names`, and restores what others
  // have changed.
  void Check(const std::set<std::string>* names = nullptr);
  // Returns the changes by others that were found since the last call.
  std::vector<ForeignSetting> TakeForeign() { return std::exchange(foreign_, {}); }

  // The values applied last.
  const policy::WantedSysctls& wanted() const { return wanted_; }
  std::vector<SettingState> States() const;

  // Whether the sysctl has this value without Firebreak having set it.
  bool HasAnyway(const std::string& name, const std::string& value) const;
  // Returns the value before Firebreak set the sysctl; NotFound as for ReadSetting.
  absl::StatusOr<std::string> Found(const std::string& name) const;
  // Returns the settings that keep the host's routes if `wanted` makes it forward IPv6: a router
  // ignores router advertisements on interfaces whose accept_ra is not 2 (ip-sysctl.rst). Empty if
  // `wanted` does not, or if the host forwards anyway.
  Settings ForAdvertisedRoutes(const policy::WantedSysctls& wanted) const;

 private:
  struct Change {
    std::string before;
    // Values that Firebreak may have set; empty: the sysctl is a side effect of another one.
    std::set<std::string> ours;
    uint32_t interface = 0;
    bool of_this_boot = true;  // compared with the kernel since it was booted
  };
  struct Watched {
    bool applied = false;
    std::string problem;
    std::string told;     // the change by others reported last
    std::string settled;  // what the kernel made of the value written; empty: the same
    uint64_t changed = 0;
  };
  using Changes = std::map<std::string, Change>;

  void Load();
  bool IsLeft(const std::string& name, const Change& change) const;
  absl::Status Save() const;
  void ForgetOthers(const policy::WantedSysctls& wanted);
  std::string FoundFirst(const std::string& name, const std::string& value,
                         const Changes& before) const;
  bool Remember(const policy::WantedSysctls& wanted, const Settings& found);
  absl::Status SetBack(const std::string& name, const Change& change) const;

  const std::string file_;
  const OthersForward others_forward_;  // null: nobody relies on it
  Changes changes_;
  policy::WantedSysctls wanted_;
  std::map<std::string, Watched> watched_;
  std::vector<ForeignSetting> foreign_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_SETTINGS_SETTINGS_H_
