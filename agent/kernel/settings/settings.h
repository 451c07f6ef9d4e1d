#ifndef FIREBREAK_AGENT_KERNEL_SETTINGS_SETTINGS_H_
#define FIREBREAK_AGENT_KERNEL_SETTINGS_SETTINGS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::agent {

// Values of the kernel, by their names below /proc/sys.
using Settings = std::map<std::string, std::string>;

// One value as it is, without the newline. NotFound: this kernel has none of that name.
absl::StatusOr<std::string> ReadSetting(const std::string& name);

// Sets what the rules need and, when they no longer need it, back what was found. What was found is
// kept in a file, so that it outlives the agent; a value that somebody else has changed since is
// left alone.
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

  // Sets back what `wanted` does not have.
  absl::Status Restore(const Settings& wanted);
  // Sets what it has. The first that cannot be set is told; the others are set.
  absl::Status Apply(const Settings& wanted);

  // Whether the kernel has this value, and not from here.
  bool HasAnyway(const std::string& name, const std::string& value) const;
  // What keeps the host's routes where `wanted` makes it forward IPv6: a router leaves router
  // advertisements alone, but for interfaces whose accept_ra is 2 (ip-sysctl.rst). None if it does
  // not, or did so anyway.
  Settings ForAdvertisedRoutes(const Settings& wanted) const;

 private:
  struct Change {
    std::string before;
    std::string now;
    bool of_this_boot = true;  // the kernel has been told since it was started
  };

  void Load();
  void Remember(const std::string& name, const std::string& value);
  bool IsLeft(const std::string& name) const;
  absl::Status Save() const;

  const std::string file_;
  const OthersForward others_forward_;  // may be null: nobody does
  std::map<std::string, Change> changes_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_SETTINGS_SETTINGS_H_
