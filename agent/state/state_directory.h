// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_STATE_STATE_DIRECTORY_H_
#define FIREBREAK_AGENT_STATE_STATE_DIRECTORY_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::agent {

// Stores a host's state: its identity, the last policy that proved good, what the host falls back
// to if that policy is in doubt, the policy on trial, the last refusal, and the switches and
// mappings of its own. One agent holds the directory at a time.
//
// Threading: one thread at a time. If a file is missing or damaged, reading returns nullopt and
// logs the reason; the agent continues without that state. Failed writes return an error.
class StateDirectory {
 public:
  // Creates the directory (mode 0700) if needed, and locks it. FailedPrecondition: another agent
  // holds it, or other users can write to it.
  static absl::StatusOr<StateDirectory> Open(const std::string& path);

  StateDirectory(StateDirectory&& other) noexcept;
  StateDirectory& operator=(StateDirectory&&) = delete;
  ~StateDirectory();

  const std::string& path() const { return path_; }
  std::string IdentityPath() const { return path_ + "/identity"; }
  std::string EventsPath() const { return path_ + "/events"; }

  // The policy to enforce at start: the last one after which the controller could be reached.
  std::optional<v1::Push> ReadGood() const;
  // Whether such a policy is stored, even if it cannot be read.
  bool HasGood() const;
  absl::Status WriteGood(const v1::Push& push);

  // The policy that is applied but not yet proven good.
  std::optional<v1::Push> ReadTrial() const;
  absl::Status WriteTrial(const v1::Push& push);
  absl::Status DeleteTrial();
  // Makes the policy on trial the good one.
  absl::Status PromoteTrial();

  // What the host goes back to if it loses its controller under the good policy. A file that is
  // damaged is a fallback without a policy.
  std::optional<v1::Fallback> ReadFallback() const;
  absl::Status WriteFallback(const v1::Fallback& fallback);
  // Makes the fallback the good policy. A fallback without a policy leaves a good policy that
  // cannot be read.
  absl::Status TakeFallback();
  absl::Status DeleteFallback();

  std::optional<v1::Refusal> ReadRefusal() const;
  absl::Status WriteRefusal(const v1::Refusal& refusal);
  absl::Status DeleteRefusal();

  // The switches of the host's own administrator. DataLoss: there were switches, and their file is
  // damaged or gone.
  absl::StatusOr<v1::LocalSwitches> ReadSwitches() const;
  absl::Status WriteSwitches(const v1::LocalSwitches& switches);

  // The mappings that the host itself has opened, and those that are asked for. DataLoss: their
  // file is damaged.
  absl::StatusOr<v1::LocalMappings> ReadMappings() const;
  absl::Status WriteMappings(const v1::LocalMappings& mappings);

  // Whether this host has started with a clock that was behind a time known to be past, so that it
  // may need to ask for the time before it can reach its controller.
  bool ClockWasWrong() const;
  absl::Status NoteWrongClock();

  // The address at which the controller was last reached; empty: unknown.
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
