// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/status/status.h"
#include "cli/input/label.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/print.h"

namespace firebreak::cli {
namespace {

struct TokenOptions {
  absl::Duration ttl = absl::Hours(1);
  uint32_t uses = 1;
  std::vector<std::string> labels;
  std::string host;
};

absl::Status CreateToken(Invocation& invocation, const TokenOptions& options,
                         const std::map<std::string, std::string>& labels) {
  v1::CreateTokenRequest request;
  request.set_ttl_seconds(static_cast<uint32_t>(absl::ToInt64Seconds(options.ttl)));
  request.set_uses(options.uses);
  request.set_host(options.host);
  request.mutable_labels()->insert(labels.begin(), labels.end());
  ASSIGN_OR_RETURN(const auto response, invocation.Call(&v1::Admin::Stub::CreateToken, request));
  if (invocation.format() == Format::kTable) {
    invocation.out() << response.token() << "\n";
  } else {
    PrintData(invocation, response);
  }
  return absl::OkStatus();
}

}  // namespace

void AddTokenVerbs(Verb root, Command& command) {
  const Verb noun = AddNoun(root, "token", "Create the tokens with which hosts enrol.");
  const Verb create =
      AddVerb(noun, "create",
              "Print a new enrolment token.\n\n"
              "Creates a token with which the agent of a host enrols, and prints the token alone "
              "on a line. The token contains the fingerprint of the controller's CA, so the agent "
              "trusts no other controller. Anybody who has the token can enrol a host until the "
              "token expires or is used up. Pass it on in a file, not on a command line.",
              "firebreak token create --label role=web > token\n"
              "firebreak token create --host web-1 > token\n"
              "firebreak token create --ttl 24h --uses 50 --label role=laptop --label site=berlin");
  const auto options = std::make_shared<TokenOptions>();
  AddDuration(create, "--ttl", options->ttl, absl::Seconds(1), absl::Hours(24 * 30),
              "how long the token is valid");
  create
      .AddNumber("--uses", options->uses, 1, 100'000,
                 "how many hosts may enrol with the token, 1 to 100,000")
      .Type("N")
      .Default("1");
  create
      .Add("--label", options->labels,
           "a label of the hosts that enrol with the token; may be given several times")
      .Type("KEY=VALUE")
      .OneAtATime();
  create
      .Add("--host", options->host,
           "the only host that may enrol with the token; it may have enrolled before with another "
           "key, for example before it was reinstalled")
      .Type("NAME");
  create.WhenGiven([&command, options] {
    const auto labels = ParseLabels(options->labels);
    if (!labels.ok()) RefuseUsage("--label", labels.status().message());
    command.run = [options, labels = *labels](Invocation& invocation) {
      return CreateToken(invocation, *options, labels);
    };
  });
}

}  // namespace firebreak::cli
