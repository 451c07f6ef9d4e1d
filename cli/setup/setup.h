// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_SETUP_SETUP_H_
#define FIREBREAK_CLI_SETUP_SETUP_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/input/own_connection.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::cli {

// What `firebreak setup` makes a host's first policy of. All functions here are pure.

enum class Attachment { kInternet, kRouter, kShares, kLaptop, kServer };
// "internet", "router", "shares", "laptop", "server".
std::string AttachmentName(Attachment attachment);
std::optional<Attachment> ParseAttachment(absl::string_view text);
// A sentence for the person who is asked.
std::string DescribeAttachment(Attachment attachment);

struct SetupFacts {
  struct Interface {
    std::string name;
    std::string type;
    bool leads_out = false;              // has a default route
    std::vector<std::string> addresses;  // with prefix lengths
  };
  struct Listener {
    std::string traffic;  // "tcp/22"
    std::string program;
  };
  std::vector<Interface> interfaces;  // without loopback
  std::vector<Listener> listeners;    // each traffic once; the one that the user came by first
  std::vector<v1::Conflict> conflicts;
  bool forwards = false;
  std::optional<OwnConnection> own;
};
SetupFacts FactsOf(const v1::InterfacesAnswer& interfaces, const v1::SocketsAnswer& sockets,
                   const v1::StatusAnswer& status, std::optional<OwnConnection> own);

struct SetupAnswers {
  Attachment attachment = Attachment::kServer;
  std::string public_interface;  // of a host that shares its connection, as the next
  std::vector<std::string> private_interfaces;
  // "tcp/22" → who may come: prefixes; none: anybody. What is not here is shut.
  std::map<std::string, std::vector<std::string>> open;
  bool ping = true;
};
// What a careful administrator would answer.
SetupAnswers Propose(const SetupFacts& facts);
// What he would answer about services, on a host that is attached so.
void ProposeServices(const SetupFacts& facts, SetupAnswers& answers);

// Reads the file of --answers over the proposals: YAML with `connection`, `public`, `private`,
// `open` (a map from traffic to prefixes or `anybody`) and `ping`. InvalidArgument names what is
// wrong.
absl::StatusOr<SetupAnswers> ReadAnswers(const std::string& text, const SetupFacts& facts);
// "nobody", "anybody", "10.0.0.0/8, 2001:db8::/32": who may come; nullopt: nobody.
absl::StatusOr<std::optional<std::vector<std::string>>> ParseWho(absl::string_view text);
// What ParseWho reads.
std::string WhoText(const SetupAnswers& answers, const std::string& traffic);

// Why the user could not come again by the way that he came; empty: he could.
std::string WhyShutOut(const SetupFacts& facts, const SetupAnswers& answers);

// The policy, as a file for `firebreak apply`.
std::string PolicyOf(const SetupAnswers& answers);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_SETUP_SETUP_H_
