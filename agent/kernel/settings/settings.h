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

// Values of the kernel, by their names below /proc/sys.
using Settings = std::map<std::string, std::string>;

// One value as it is, without the newline. NotFound: this kernel has none of that name.
absl::StatusOr<std::string> ReadSetting(const std::string& name);

// A value that somebody else has changed.
struct ForeignSetting {
  std::string name;
  std::string wanted;
  std::string found;
  std::string policy;
  bool put_back = false;  // false: the policy says only to tell of it, or `error`
  std::string error;      // why it could not be put back
};

// How a wanted value stands.
struct SettingState {
  std::string name;
  policy::WantedSysctl wanted;
  std::string before;    // what was found when it was first asked for
  std::string problem;   // why it is not so; empty: it is, as far as is known
  uint64_t changed = 0;  // how often others did
};

// Owns every value of the kernel that Firebreak sets, for whatever reason: what the rules need, and
// what policies ask of the TCP/IP stack. What was found is in a file before it is gone from the
// kernel, so that it outlives the agent, and goes back when nobody asks for anything else. What is
// found for an interface that came later is what it would have been without us.
//
// A value without a policy's setting (WantedSysctl.setting) is needed by the rules: one that cannot
// be set is an error. A value that a policy asks for and that cannot be set is a problem that is
// told, and all the rest is set.
//
// Forwarding is more often than others set by several: what was on when the rules first needed it
// stays on when they go, also over a reboot at which whoever had set it comes later; and so does
// what somebody has set since, as far as that can be told: at a reboot it is on before it is set
// here, or `others_forward`.
//
// Threading: one thread at a time. Works in the network namespace of the thread.
class KernelSettings {
 public:
  // Whether others rely on the host's forwarding packets of a family (NFPROTO_*).
  using OthersForward = std::function<bool(uint8_t family)>;

  // Where to remember; empty: nowhere. What is there already is read.
  explicit KernelSettings(std::string file, OthersForward others_forward = nullptr);

  // Sets back what `wanted` does not have; a value that is neither ours nor what was found is left
  // alone, as somebody else has set it since.
  absl::Status Restore(const policy::WantedSysctls& wanted);
  // Sets what it has. The first that the rules need and that cannot be set is told; the others are
  // set. Both only add to what is watched over: see Check.
  absl::Status Apply(const policy::WantedSysctls& wanted);

  // Looks at what was applied last, or at these of it, and puts back what others have changed.
  void Check(const std::set<std::string>* names = nullptr);
  // What others had changed when it was looked at, since the last call.
  std::vector<ForeignSetting> TakeForeign() { return std::exchange(foreign_, {}); }

  // What was applied last.
  const policy::WantedSysctls& wanted() const { return wanted_; }
  std::vector<SettingState> States() const;

  // Whether the kernel has this value, and not from here.
  bool HasAnyway(const std::string& name, const std::string& value) const;
  // What was there before anything of ours; NotFound as for ReadSetting.
  absl::StatusOr<std::string> Found(const std::string& name) const;
  // What keeps the host's routes where `wanted` makes it forward IPv6: a router leaves router
  // advertisements alone, but for interfaces whose accept_ra is 2 (ip-sysctl.rst). None if it does
  // not, or did so anyway.
  Settings ForAdvertisedRoutes(const policy::WantedSysctls& wanted) const;

 private:
  struct Change {
    std::string before;
    // What may be in the kernel from here; empty: nothing, but it follows another value of ours.
    std::set<std::string> ours;
    uint32_t interface = 0;
    bool of_this_boot = true;  // the kernel has been told since it was started
  };
  struct Watched {
    bool applied = false;
    std::string problem;
    std::string told;     // the foreign value that was told last
    std::string settled;  // what the kernel made of what was written; empty: just that
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
  const OthersForward others_forward_;  // may be null: nobody does
  Changes changes_;
  policy::WantedSysctls wanted_;
  std::map<std::string, Watched> watched_;
  std::vector<ForeignSetting> foreign_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_SETTINGS_SETTINGS_H_
