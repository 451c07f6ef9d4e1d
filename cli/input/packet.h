// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_INPUT_PACKET_H_
#define FIREBREAK_CLI_INPUT_PACKET_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::cli {

// A packet as a user describes it on the command line.
struct PacketOptions {
  std::string in;  // an interface; exactly one of in and out is set
  std::string out;
  std::string protocol;
  std::string from;  // "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80"
  std::string to;
  std::string flags;  // for TCP: "syn,ack"; empty: syn
  std::string type;   // for ICMP: a number or the name of a type; empty: echo-request
  std::optional<uint32_t> code;
  bool packet_socket = false;
  std::string user;  // the sender: a name or a number
  std::string unit;  // the systemd unit that the sender belongs to
};

// Returns InvalidArgument if an option is wrong; the message names the option.
absl::StatusOr<v1::TraceQuestion> ParsePacketOptions(const PacketOptions& options);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_INPUT_PACKET_H_
