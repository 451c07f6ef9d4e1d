// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ANSWER_SNAPSHOT_H_
#define FIREBREAK_AGENT_ANSWER_SNAPSHOT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "agent/kernel/links/links.h"
#include "agent/kernel/settings/settings.h"
#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/location.pb.h"
#include "firebreak/v1/state.pb.h"

namespace firebreak::agent {

// What the host has and what it enforces, at one moment: a value, so that an answer can be made of
// it on another thread.
struct Snapshot {
  v1::EffectivePolicy policy;  // in force; not managed: there is none
  std::vector<Link> links;
  std::vector<v1::InterfaceState> states;  // of the interfaces, if the host is managed
  // What is asked of the kernel's settings, and what of that is held back: see AddWanted.
  std::vector<SettingState> settings = {};
  std::map<std::string, std::string> held_back = {};
  v1::Hardened hardened = {};       // what holds for the host
  v1::LocalMappings mappings = {};  // of the host's own
  v1::LocalSwitches switches = {};  // likewise

  // Null: nothing is known of it.
  const v1::InterfaceState* StateOf(absl::string_view interface) const;
  // The location of the policy that the interface is at; null: the host is unmanaged.
  const v1::EffectiveLocation* LocationOf(absl::string_view interface) const;
};

// The message of a link.
v1::Interface ToInterface(const Link& link);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_SNAPSHOT_H_
