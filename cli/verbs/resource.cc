// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status/status.h"
#include "cli/input/source_files.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/file_options.h"
#include "cli/verbs/finish_change.h"
#include "cli/verbs/print.h"
#include "cli/verbs/rollout.h"
#include "cli/verbs/standalone.h"
#include "cli/view/changes.h"
#include "cli/view/plan.h"
#include "cli/view/resources.h"
#include "policy/resources/service_catalogue.h"

namespace firebreak::cli {
namespace {

// Prints a summary of the change's effect on packets to the standard error, so that the user sees
// it. Prints nothing if the controller cannot compute it or refuses the change.
void PrintPlanSummary(Invocation& invocation, const v1::ApplyRequest& change) {
  if (invocation.format() != Format::kTable) return;
  v1::PlanRequest request;
  *request.mutable_change() = change;
  const absl::StatusOr<v1::Plan> plan = invocation.Call(&v1::Admin::Stub::Plan, request);
  if (plan.ok()) invocation.err() << PlanSummary(*plan);
}

struct ApplyOptions {
  FileOptions files;
  bool overwrite = false;
  std::string plan;
  uint64_t if_revision = 0;
  MannerOptions manner;
  WaitOptions wait;
  TrialOptions trial;
};

absl::Status Apply(Invocation& invocation, const ApplyOptions& options) {
  ASSIGN_OR_RETURN(v1::ApplyRequest request, ReadFiles(invocation, options.files));
  if (invocation.local()) return ApplyLocally(invocation, request, options.trial);
  if (options.overwrite) {
    for (v1::SourceFile& file : *request.mutable_files()) file.clear_as_of_revision();
  }
  if (options.if_revision != 0) request.set_if_revision(options.if_revision);
  request.set_plan_id(options.plan);
  SetManner(options.manner, request);
  PrintPlanSummary(invocation, request);
  return FinishChange(invocation, invocation.Call(&v1::Admin::Stub::Apply, request), options.wait);
}

struct DiffOptions {
  FileOptions files;
  uint64_t from = 0;
  uint64_t to = 0;
};

absl::StatusOr<v1::DiffResponse> AskForDiff(Invocation& invocation, const DiffOptions& options) {
  if (options.from != 0) {
    v1::DiffRevisionsRequest request;
    request.set_from(options.from);
    request.set_to(options.to);
    return invocation.Call(&v1::Admin::Stub::DiffRevisions, request);
  }
  ASSIGN_OR_RETURN(const v1::ApplyRequest request, ReadFiles(invocation, options.files));
  if (invocation.local()) return DiffLocally(invocation, request);
  return invocation.Call(&v1::Admin::Stub::Diff, request);
}

absl::Status Diff(Invocation& invocation, const DiffOptions& options) {
  ASSIGN_OR_RETURN(const auto response, AskForDiff(invocation, options));
  if (invocation.format() == Format::kTable) {
    invocation.out() << DiffPage(response, invocation.colours());
    invocation.err() << WarningLines(response.warnings());
  } else {
    PrintData(invocation, response);
  }
  return absl::OkStatus();
}

absl::Status Get(Invocation& invocation, const ResourceName& resource, uint64_t revision) {
  v1::GetResourcesRequest request;
  request.set_revision(revision);
  request.set_kind(resource.kind);
  request.set_name(resource.name);
  ASSIGN_OR_RETURN(const auto response,
                   invocation.local() ? GetLocally(invocation, request)
                                      : invocation.Call(&v1::Admin::Stub::GetResources, request));
  if (!resource.name.empty() && response.resources().empty()) {
    return absl::NotFoundError(absl::StrCat("there is no ", resource.kind, " named '",
                                            resource.name, "'\nsee `firebreak get ", resource.kind,
                                            "`"));
  }
  if (invocation.format() != Format::kTable) {
    if (invocation.format() == Format::kYaml) {
      invocation.out() << AsOfLine(response.revision());
    }
    if (resource.name.empty()) {
      PrintDataList(invocation, response.resources());
    } else {
      PrintData(invocation, response.resources(0));
    }
    return absl::OkStatus();
  }
  invocation.out() << ResourceTables(response, invocation.colours());
  if (response.resources().empty())
    invocation.err() << "there are no such resources; see `firebreak apply --help`\n";
  return absl::OkStatus();
}

// Prints the services that ship with the product, which the controller does not keep.
absl::Status GetBuiltIn(Invocation& invocation, const std::string& name) {
  v1::GetResourcesResponse response;
  for (const policy::BuiltInService& service : policy::BuiltInServices()) {
    if (!name.empty() && service.name != name) continue;
    v1::Service& shown = *response.add_resources()->mutable_service();
    shown.set_name(std::string(service.name));
    shown.set_description(std::string(service.description));
    for (absl::string_view port : absl::StrSplit(service.ports, ' ')) {
      shown.add_ports(std::string(port));
    }
  }
  if (response.resources().empty()) {
    return absl::NotFoundError(absl::StrCat(
        "no service named '", name, "' is built in\nsee `firebreak get services --builtin`"));
  }
  if (invocation.format() != Format::kTable) {
    PrintDataList(invocation, response.resources());
  } else {
    invocation.out() << ResourceTables(response, invocation.colours());
  }
  return absl::OkStatus();
}

absl::Status Delete(Invocation& invocation, const ResourceName& resource,
                    const MannerOptions& manner, const WaitOptions& wait) {
  v1::DeleteResourceRequest request;
  SetManner(manner, request);
  request.set_kind(resource.kind);
  request.set_name(resource.name);
  return FinishChange(invocation, invocation.Call(&v1::Admin::Stub::DeleteResource, request), wait);
}

void AddApply(Verb root, Command& command) {
  const Verb verb =
      AddVerb(root, "apply",
              "Apply resources from files.\n\n"
              "Sends the files to the controller, which checks all of them and makes one new "
              "revision of the fleet's configuration. If a resource is invalid, nothing is changed "
              "and every error is printed as FILE:LINE: REASON. Resources that the files do not "
              "contain stay as they are. Prints the revision and a line for each resource that "
              "changed. Also prints, on standard error, how many kinds of packets the change opens "
              "and closes; `firebreak plan` lists them in full. A file may have at most 8 MiB.\n\n"
              "With --set, the resources in the files belong to the named set until they are "
              "applied with another set. With --prune, resources of that set that the files no "
              "longer contain are deleted. Nothing else is deleted.\n\n"
              "A file that `firebreak get -o yaml` wrote names the revision that it was read from. "
              "It is refused if a resource that it would change has changed since that revision, "
              "so that no other change is overwritten.\n\n"
              "With --local, on a host without a controller, the files are the whole policy of "
              "this host; without -f, the agent reads the files that it was started with. The new "
              "rules are in force at once, on trial: they are undone unless the change is "
              "confirmed in time, even if the agent or the host stops in the meantime.",
              "firebreak apply -f policy.yaml --wait\n"
              "firebreak --local apply -f policy.yaml\n"
              "firebreak apply -R -f policies/ --set base --prune\n"
              "firebreak apply -f policies/ -f groups.yaml\n"
              "generate-policy | firebreak apply -f - --wait --timeout 2m");
  const auto options = std::make_shared<ApplyOptions>();
  AddFiles(verb, options->files.files);
  AddFileOptions(verb, options->files);
  AddIfRevision(verb, options->if_revision);
  verb.AddFlag("--overwrite", options->overwrite,
               "apply the files even if resources have changed since the revision that `get -o "
               "yaml` wrote into the files");
  verb.Add("--plan", options->plan,
           "the ID that `firebreak plan` printed; the change is refused if it is not the planned "
           "one, or if the configuration or the hosts have changed since the plan")
      .Type("ID");
  AddManner(verb, options->manner);
  AddWait(verb, options->wait);
  AddTrial(verb, options->trial);
  verb.WhenGiven([verb, &command, options] {
    RequireLocalOptions(verb, command, {"--file", "--recursive"});
    if (options->files.files.empty() && !command.options.local) RefuseMissing("-f,--file");
    RequireSet(options->files);
    command.run = [options](Invocation& invocation) { return Apply(invocation, *options); };
  });
}

void AddDiff(Verb root, Command& command) {
  const Verb verb =
      AddVerb(root, "diff",
              "Show what applying files would change, or what changed between revisions.\n\n"
              "Prints the change of each resource as a unified diff, and how many hosts would get "
              "different rules. Changes nothing. The exit status is 0 whether there is a "
              "difference or not.",
              "firebreak diff -f policy.yaml\n"
              "firebreak diff -R -f policies/ --set base --prune\n"
              "firebreak diff --from 12 --to 15");
  const auto options = std::make_shared<DiffOptions>();
  const Argument files = AddFiles(verb, options->files.files);
  AddFileOptions(verb, options->files);
  const Argument from =
      AddRevisionNumber(verb, "--from", options->from,
                        "instead of files: the earlier of two revisions to compare")
          .Excludes(files);
  AddRevisionNumber(verb, "--to", options->to, "with --from: the later revision")
      .Default("the newest")
      .Needs(from);
  verb.WhenGiven([verb, &command, options] {
    RequireLocalOptions(verb, command, {"--file", "--recursive"});
    RequireSet(options->files);
    if (options->files.files.empty() && options->from == 0 && !command.options.local) {
      RefuseMissing("--file or --from");
    }
    command.run = [options](Invocation& invocation) { return Diff(invocation, *options); };
  });
}

void AddGet(Verb root, Command& command) {
  const Verb verb = AddVerb(
      root, "get",
      "Show resources of the newest or an earlier revision.\n\n"
      "Prints one resource, all resources of a kind, or all resources. `firebreak apply` accepts "
      "the output of -o yaml; the first line names the revision, and apply refuses the file if a "
      "resource that it would change has changed since that revision. With --local, on a host "
      "without a controller, prints the resources of this host's policy.",
      "firebreak get policies\n"
      "firebreak get services --builtin\n"
      "firebreak get policy web -o yaml\n"
      "firebreak get all -o yaml --revision 12");
  const auto resource = std::make_shared<ResourceArguments>();
  const auto revision = std::make_shared<uint64_t>(0);
  AddResource(verb, *resource, /*one=*/false);
  AddRevisionNumber(verb, "--revision", *revision, "the revision to show").Default("the newest");
  const auto builtin = std::make_shared<bool>(false);
  verb.AddFlag("--builtin", *builtin,
               "show the services that ship with Firebreak instead of the services in the "
               "configuration; no controller is asked");
  verb.WhenGiven([&command, resource, revision, builtin] {
    if (*builtin) {
      const ResourceName service = ResolveResource(*resource, false);
      if (service.kind != "service") RefuseUsage("--builtin", "only services are built in");
      command.run = [service](Invocation& invocation) {
        return GetBuiltIn(invocation, service.name);
      };
      return;
    }
    command.run = [name = ResolveResource(*resource, false), revision](Invocation& invocation) {
      return Get(invocation, name, *revision);
    };
  });
}

struct DeleteOptions {
  ResourceArguments resource;
  MannerOptions manner;
  WaitOptions wait;
};

void AddDelete(Verb root, Command& command) {
  const Verb verb = AddVerb(
      root, "delete",
      "Delete a resource.\n\n"
      "Makes a new revision without the resource. Refused while another resource refers to it.",
      "firebreak delete policy web --wait");
  const auto options = std::make_shared<DeleteOptions>();
  AddResource(verb, options->resource, /*one=*/true);
  AddManner(verb, options->manner);
  AddWait(verb, options->wait);
  verb.WhenGiven([&command, options] {
    command.run = [options,
                   name = ResolveResource(options->resource, true)](Invocation& invocation) {
      return Delete(invocation, name, options->manner, options->wait);
    };
  });
}

}  // namespace

void AddResourceVerbs(Verb root, Command& command) {
  AddApply(root, command);
  AddDiff(root, command);
  AddGet(root, command);
  AddDelete(root, command);
}

}  // namespace firebreak::cli
