// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_SETUP_SETUP_H_
#define FIREBREAK_CLI_SETUP_SETUP_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/input/own_connection.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::cli {

// Makes a host's first policy for `firebreak setup`. All functions here are pure.

enum class Attachment { kInternet, kRouter, kShares, kLaptop, kServer };
// Returns "internet", "router", "shares", "laptop" or "server".
std::string AttachmentName(Attachment attachment);
std::optional<Attachment> ParseAttachment(absl::string_view text);
// Returns a sentence that describes the attachment to the person who is asked.
std::string DescribeAttachment(Attachment attachment);

struct SetupFacts {
  struct Interface {
    std::string name;
    std::string type;
    bool leads_out = false;              // whether it has a default route
    std::vector<std::string> addresses;  // with prefix lengths
  };
  struct Listener {
    std::string traffic;  // "tcp/22"
    std::string program;
  };
  std::vector<Interface> interfaces;  // without loopback
  std::vector<Listener> listeners;    // each traffic once; the user's own comes first
  std::vector<v1::Conflict> conflicts;
  bool forwards = false;
  std::optional<OwnConnection> own;
  bool reads_others = true;  // whether rules of other firewalls there can be read
};
SetupFacts FactsOf(const v1::InterfacesAnswer& interfaces, const v1::SocketsAnswer& sockets,
                   const v1::StatusAnswer& status, std::optional<OwnConnection> own);

// The connection by which the user has come, if it leads to the host with these interfaces.
std::optional<OwnConnection> OwnConnectionTo(const v1::InterfacesAnswer& interfaces,
                                             std::optional<OwnConnection> own);

// What `firebreak import` calls this other firewall; empty: it does not know it.
std::string ImporterOf(absl::string_view conflict);
// Returns the other firewalls of the host whose rules can be imported, each once.
std::set<std::string> ImportableIn(const SetupFacts& facts);

struct SetupAnswers {
  Attachment attachment = Attachment::kServer;
  std::string public_interface;  // only for a host that shares its connection, like the next
  std::vector<std::string> private_interfaces;
  // Who may reach which open traffic: prefixes by texts such as "tcp/22"; no prefixes: anybody. All
  // other traffic is closed.
  std::map<std::string, std::vector<std::string>> open;
  bool ping = true;
  std::set<std::string> imports;  // other firewalls whose rules become policies
};
// Returns the answers of a careful administrator.
SetupAnswers Propose(const SetupFacts& facts);
// Replaces the answers about services by those of a careful administrator for this attachment.
void ProposeServices(const SetupFacts& facts, SetupAnswers& answers);

// Reads the file of --answers and fills in proposals for what is missing. The file is YAML with
// `connection`, `public`, `private`, `open` (a map from traffic to prefixes or `anybody`),
// `ping` and `import` (other firewalls). Returns InvalidArgument that names what is wrong.
absl::StatusOr<SetupAnswers> ReadAnswers(const std::string& text, const SetupFacts& facts);
// Parses who may reach a service: "nobody", "anybody", or "10.0.0.0/8, 2001:db8::/32". nullopt
// means nobody.
absl::StatusOr<std::optional<std::vector<std::string>>> ParseWho(absl::string_view text);
// Returns who may reach the traffic, in a form that ParseWho accepts.
std::string WhoText(const SetupAnswers& answers, const std::string& traffic);

// Returns why the user could not connect again in the present way; empty if the user could.
std::string WhyShutOut(const SetupFacts& facts, const SetupAnswers& answers);

// Whose the policy is. The default is that of a host without a controller.
struct SetupPlace {
  std::string name = "setup";
  std::string group = "all";
  // Whether the host's own administrator may switch, and is asked. In a fleet that is the fleet's
  // to say.
  bool lets_switch = true;
};
// `group` and `name` may be empty: the policy is the host's, and is named after whose it is.
SetupPlace PlaceInFleet(const std::string& host, const std::string& group, const std::string& name);

// Returns the policy as a file for `firebreak apply`.
std::string PolicyOf(const SetupAnswers& answers, const SetupPlace& place = {});

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_SETUP_SETUP_H_
