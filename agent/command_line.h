// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_COMMAND_LINE_H_
#define FIREBREAK_AGENT_COMMAND_LINE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proto/endpoint/agent_socket.h"

namespace firebreak::agent {

// What the arguments and the environment say; the help text explains each.
struct Flags {
  std::string controller;
  std::vector<std::string> policy;
  std::map<std::string, std::string> labels;
  std::string state_dir;
  std::string token;
  std::string token_file;
  std::optional<std::string> name;
  double reach_timeout_seconds = 30;
  bool boot = false;
  bool release = false;
  std::string socket = kAgentSocketPath;
  std::string socket_group;
  std::string metrics;
  std::vector<std::string> log_directories;
};

// Parses the arguments. Returns nullopt if the agent is to run with `flags`, or else the exit
// status: 0 after --help and --version, 2 for wrong usage, which has been explained on stderr.
// Overwrites a token in `argv`, which other users of the host can read.
std::optional<int> ParseCommandLine(int argc, char** argv, Flags& flags);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_COMMAND_LINE_H_
