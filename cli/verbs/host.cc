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
    invocation.err() << (group.empty()
                             ? "no host has enrolled yet; see `firebreak token create --help`\n"
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
  verb.Add("HOST", options.name, "the name of the host").Required();
}

}  // namespace

void AddHostVerbs(Verb root, Command& command) {
  const Verb noun = AddNoun(root, "host", "Show and manage the hosts of the fleet.");

  const Verb list = AddVerb(
      noun, "list",
      "List the hosts of the fleet.\n\n"
      "Prints a line for each host: its state, the revision that its receipt proves, the state of "
      "the rollout to the host, and the firewall and the location of its interfaces.",
      "firebreak host list\n"
      "firebreak host list --group web -o json");
  const auto group = std::make_shared<std::string>();
  list.Add("--group", *group, "list only the hosts of this group").Type("GROUP");
  list.WhenGiven([&command, group] {
    command.run = [group](Invocation& invocation) { return List(invocation, *group); };
  });

  const auto options = std::make_shared<HostOptions>();
  const Verb status = AddVerb(
      noun, "status",
      "Show what the controller knows about a host.\n\n"
      "The page shows as in force only what the host read back from its kernel. If the host "
      "refused or undid a revision, the page names the revision, the reason and the next step.",
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

  const Verb set =
      AddVerb(noun, "set",
              "Change a host's labels.\n\n"
              "Sets and removes labels, and prints the labels that the host has afterwards. The "
              "controller at once sends the host the policies that the new labels select.",
              "firebreak host set web-1 --label role=db\n"
              "firebreak host set web-1 --label site=berlin --remove-label role");
  AddName(set, *options);
  set.Add("--label", options->labels, "a label to set; may be given several times")
      .Type("KEY=VALUE")
      .OneAtATime();
  set.Add("--remove-label", options->removed_labels,
          "the key of a label to remove; may be given several times")
      .Type("KEY")
      .OneAtATime();
  AddOverride(set, options->override);
  set.WhenGiven([&command, options] {
    const auto labels = ParseLabels(options->labels);
    if (!labels.ok()) RefuseUsage("--label", labels.status().message());
    if (labels->empty() && options->removed_labels.empty()) {
      RefuseUsage("--label", "give at least one --label or --remove-label");
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
      "Remove a host from the controller.\n\n"
      "Deletes what the controller knows about the host. The host is no longer listed, and another "
      "host may enrol with its name. As with `host revoke`, the host is cut off at once and needs "
      "a new token to come back; a host that was revoked before needs a token that was created "
      "after it was revoked. The log and the audit trail keep their records of the host.",
      "firebreak host forget web-1");
  AddName(forget, *options);
  forget.WhenGiven([&command, options] {
    command.run = [options](Invocation& invocation) { return Forget(invocation, options->name); };
  });

  const Verb revoke =
      AddVerb(noun, "revoke",
              "Revoke a host's access to the fleet.\n\n"
              "The controller no longer accepts the certificates of the host and closes its "
              "connection at once. The rules on the host stay in force. To bring the host back, "
              "enrol it with a new token. Tokens that were created before the host was revoked do "
              "not admit it again, even if they are not used up.",
              "firebreak host revoke web-1");
  AddName(revoke, *options);
  revoke.WhenGiven([&command, options] {
    command.run = [options](Invocation& invocation) { return Revoke(invocation, options->name); };
  });
}

}  // namespace firebreak::cli
