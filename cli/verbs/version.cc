// SPDX-License-Identifier: Apache-2.0
#include "proto/endpoint/version.h"

#include "base/text/escape.h"
#include "cli/report.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/print.h"
#include "firebreak/v1/report.pb.h"

namespace firebreak::cli {
namespace {

absl::Status ShowVersion(Invocation& invocation) {
  const auto controller = invocation.Call(&v1::Admin::Stub::GetVersion, v1::GetVersionRequest());
  if (invocation.format() != Format::kTable) {
    v1::VersionReport report;
    report.set_client(kVersion);
    if (controller.ok()) *report.mutable_controller() = *controller;
    PrintData(invocation, report);
  } else {
    invocation.out() << "firebreak " << kVersion << "\n";
    if (controller.ok()) {
      invocation.out() << "controller " << Escape(controller->version()) << ", revision "
                       << controller->revision() << "\n";
    }
  }
  invocation.out().flush();
  // The client's own version is printed even if the controller cannot be asked.
  if (!controller.ok()) invocation.err() << Report(controller.status());
  if (controller.ok()) invocation.WarnStopped(controller->stopped());
  return absl::OkStatus();
}

}  // namespace

void AddVersionVerb(Verb root, Command& command) {
  const Verb verb = AddVerb(root, "version",
                            "Print the versions of this program and of the controller.\n\n"
                            "If the controller cannot be reached, its version is left out and the "
                            "exit status is still 0.",
                            "firebreak version");
  verb.WhenGiven([&command] { command.run = ShowVersion; });
}

}  // namespace firebreak::cli
