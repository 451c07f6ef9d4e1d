#ifndef FIREBREAK_AGENT_STATE_STATE_DIRECTORY_H_
#define FIREBREAK_AGENT_STATE_STATE_DIRECTORY_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::agent {

// What a host remembers: its identity, the last policy that proved good, one on trial, the last
// refusal, and what its own administrator has switched. One agent holds the directory at a time.
//
// Threading: one thread at a time. Reads give nothing, and say why in the log, when a file is
// missing or damaged: the agent then does with less. Writes fail loudly.
class StateDirectory {
 public:
  // Creates the directory (mode 0700) if need be and locks it.
  // FailedPrecondition: another agent holds it, or others could write to it.
  static absl::StatusOr<StateDirectory> Open(const std::string& path);

  StateDirectory(StateDirectory&& other) noexcept;
  StateDirectory& operator=(StateDirectory&&) = delete;
  ~StateDirectory();

  const std::string& path() const { return path_; }
  std::string IdentityPath() const { return path_ + "/identity"; }
  std::string EventsPath() const { return path_ + "/events"; }

  // The policy that is enforced at start: the last after which the controller was reached.
  std::optional<v1::Push> ReadGood() const;
  // Whether there is one, even if it cannot be read.
  bool HasGood() const;
  absl::Status WriteGood(const v1::Push& push);

  // Applied, but not yet proven good.
  std::optional<v1::Push> ReadTrial() const;
  absl::Status WriteTrial(const v1::Push& push);
  absl::Status DeleteTrial();
  // The trial becomes the good one.
  absl::Status PromoteTrial();

  std::optional<v1::Refusal> ReadRefusal() const;
  absl::Status WriteRefusal(const v1::Refusal& refusal);
  absl::Status DeleteRefusal();

  // What the host's own administrator has switched.
  v1::LocalSwitches ReadSwitches() const;
  absl::Status WriteSwitches(const v1::LocalSwitches& switches);

  // Where the controller was when it was last reached; empty: unknown.
  std::string ReadControllerAddress() const;
  absl::Status WriteControllerAddress(const std::string& address);

 private:
  StateDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string File(const char* name) const { return path_ + "/" + name; }

  std::string path_;
  int lock_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_STATE_STATE_DIRECTORY_H_
