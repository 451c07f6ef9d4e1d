// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "base/status/status.h"
#include "base/text/escape.h"
#include "cli/input/label.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/print.h"
#include "cli/view/changes.h"
#include "cli/view/host_list.h"
#include "cli/view/host_page.h"

namespace firebreak::cli {
namespace {

absl::Status List(Invocation& invocation, const std::string& group) {
  v1::ListHostsRequest request;
  request.set_group(group);
  ASSIGN_OR_RETURN(const auto response, invocation.Call(&v1::Admin::Stub::ListHosts, request));
  invocation.WarnStopped(response.stopped());
  if (invocation.format() != Format::kTable) {
    PrintDataList(invocation, response.hosts());
    return absl::OkStatus();
  }
  invocation.out() << HostList(response, invocation.colours());
  if (response.hosts().empty()) {
    invocation.err() << (group.empty() ? "no host has enrolled yet; see `firebreak token create "
                                         "--help`\n"
                                       : "no host is in this group; see `firebreak host list`\n");
  }
  return absl::OkStatus();
}

absl::Status ShowStatus(Invocation& invocation, const std::string& name) {
  v1::GetHostRequest request;
  request.set_name(name);
  ASSIGN_OR_RETURN(const auto host, invocation.Call(&v1::Admin::Stub::GetHost, request));
  invocation.WarnStopped(host.stopped());
  if (invocation.format() == Format::kTable) {
    invocation.out() << HostPage(host, absl::Now(), invocation.colours());
  } else {
    PrintData(invocation, host);
  }
  return absl::OkStatus();
}

absl::Status Revoke(Invocation& invocation, const std::string& name) {
  v1::RevokeHostRequest request;
  request.set_name(name);
  ASSIGN_OR_RETURN(const auto response, invocation.Call(&v1::Admin::Stub::RevokeHost, request));
  if (invocation.format() == Format::kTable) {
    invocation.out() << "revoked  " << Escape(name) << "\n";
  } else {
    PrintData(invocation, response);
  }
  return absl::OkStatus();
}

absl::Status Forget(Invocation& invocation, const std::string& name) {
  v1::ForgetHostRequest request;
  request.set_name(name);
  ASSIGN_OR_RETURN(const auto response, invocation.Call(&v1::Admin::Stub::ForgetHost, request));
  if (invocation.format() == Format::kTable) {
    invocation.out() << "forgotten  " << Escape(name) << "\n";
  } else {
    PrintData(invocation, response);
  }
  return absl::OkStatus();
}

absl::Status SetLabels(Invocation& invocation, const v1::SetHostLabelsRequest& request) {
  ASSIGN_OR_RETURN(const auto response, invocation.Call(&v1::Admin::Stub::SetHostLabels, request));
  if (invocation.format() == Format::kTable) {
    v1::Host host;
    *host.mutable_labels() = response.labels();
    const std::string labels = Labels(host);
    invocation.out() << (labels.empty() ? "no labels" : Escape(labels)) << "\n";
  } else {
    PrintData(invocation, response);
  }
  invocation.err() << WarningLines(response.warnings());
  return absl::OkStatus();
}

struct HostOptions {
  std::string name;
  std::vector<std::string> labels;
  std::vector<std::string> removed_labels;
  std::string override;
};

void AddName(Verb verb, HostOptions& options) {
  verb.Add("HOST", options.name, "the host's name").Required();
}

}  // namespace

void AddHostVerbs(Verb root, Command& command) {
  const Verb noun = AddNoun(root, "host", "The hosts of the fleet.");

  const Verb list = AddVerb(noun, "list",
                            "List the hosts.\n\n"
                            "A line for each host: its state, the revision that its receipt "
                            "proves, how the rollout to it stands, and for its interfaces the "
                            "firewall and the location.",
                            "firebreak host list\n"
                            "firebreak host list --group web -o json");
  const auto group = std::make_shared<std::string>();
  list.Add("--group", *group, "only the hosts of this group").Type("GROUP");
  list.WhenGiven([&command, group] {
    command.run = [group](Invocation& invocation) { return List(invocation, *group); };
  });

  const auto options = std::make_shared<HostOptions>();
  const Verb status = AddVerb(noun, "status",
                              "Show all that is known of a host.\n\n"
                              "What is shown as in force is what the host read back from its "
                              "kernel. If it refused or undid a revision: which, why, and what to "
                              "do next.",
                              "firebreak host status web-1");
  AddName(status, *options);
  status.WhenGiven([&command, options] {
    command.run = [options](Invocation& invocation) {
      return ShowStatus(invocation, options->name);
    };
  });

  AddQuestionVerbs(noun, /*local=*/false, command);
  AddRequestVerbs(noun, /*local=*/false, command);
  AddHostLogsVerb(noun, command);

  const Verb set = AddVerb(
      noun, "set",
      "Change a host's labels.\n\n"
      "Sets and removes labels, and prints those that the host has then. It is sent at once "
      "what the policies say for them.",
      "firebreak host set web-1 --label role=db\n"
      "firebreak host set web-1 --label site=berlin --remove-label role");
  AddName(set, *options);
  set.Add("--label", options->labels, "a label that it is to have; may be given several times")
      .Type("KEY=VALUE")
      .OneAtATime();
  set.Add("--remove-label", options->removed_labels,
          "a label that it is no longer to have; may be given several times")
      .Type("KEY")
      .OneAtATime();
  AddOverride(set, options->override);
  set.WhenGiven([&command, options] {
    const auto labels = ParseLabels(options->labels);
    if (!labels.ok()) RefuseUsage("--label", labels.status().message());
    if (labels->empty() && options->removed_labels.empty()) {
      RefuseUsage("--label", "give --label or --remove-label");
    }
    v1::SetHostLabelsRequest request;
    request.set_name(options->name);
    request.set_override(options->override);
    request.mutable_set()->insert(labels->begin(), labels->end());
    *request.mutable_remove() = {options->removed_labels.begin(), options->removed_labels.end()};
    command.run = [request](Invocation& invocation) { return SetLabels(invocation, request); };
  });

  const Verb forget = AddVerb(
      noun, "forget",
      "Forget a host that is gone.\n\n"
      "Deletes all that is known of the host: it is listed no more, and its name is free for "
      "another. Like a revoked host it is out at once, and needs a new token to come back; "
      "one that was revoked before needs a token that was made after that. The log and the "
      "audit trail keep what they have of it.",
      "firebreak host forget web-1");
  AddName(forget, *options);
  forget.WhenGiven([&command, options] {
    command.run = [options](Invocation& invocation) { return Forget(invocation, options->name); };
  });

  const Verb revoke = AddVerb(noun, "revoke",
                              "Shut a host out of the fleet.\n\n"
                              "Its certificates are worthless from then on and its connection ends "
                              "at once. The rules that it has stay in force on it. To bring it "
                              "back, enrol it with a new token: those that were made before it was "
                              "revoked, used up or not, do not let it in again.",
                              "firebreak host revoke web-1");
  AddName(revoke, *options);
  revoke.WhenGiven([&command, options] {
    command.run = [options](Invocation& invocation) { return Revoke(invocation, options->name); };
  });
}

}  // namespace firebreak::cli
