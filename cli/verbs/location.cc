// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status/status.h"
#include "base/text/escape.h"
#include "cli/ask/ask.h"
#include "cli/location/location_keys.h"
#include "cli/output/colour.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/print.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/resources/names.h"
#include "policy/resources/prefix.h"
#include "policy/resources/write.h"

namespace firebreak::cli {
namespace {

struct CreateOptions {
  std::string name;
  std::vector<std::string> addresses;
  std::string server_name;
  std::string directory = ".";
  uint32_t max_hops = 0;
};

absl::Status Explain(const absl::Status& status, const std::string& path) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

absl::Status CreateLocation(Invocation& invocation, const CreateOptions& options) {
  const std::string ca_path = absl::StrCat(options.directory, "/", options.name, ".ca.pem");
  const std::string beacon_path = absl::StrCat(options.directory, "/", options.name, ".beacon.pem");
  absl::StatusOr<std::string> ca_file = ReadSecretFile(ca_path);
  const bool new_authority = absl::IsNotFound(ca_file.status());
  if (!ca_file.ok() && !new_authority) return ca_file.status();
  absl::StatusOr<LocationKeys> keys =
      MakeLocationKeys(options.name, options.server_name,
                       new_authority ? std::string() : *std::move(ca_file), absl::Now());
  if (!keys.ok()) return Explain(keys.status(), ca_path);
  // The beacon's file is written first, because a beacon's file that exists already is the likelier
  // mistake.
  RETURN_IF_ERROR(WriteSecretFile(beacon_path, keys->beacon_file));
  if (new_authority) {
    RETURN_IF_ERROR(WriteSecretFile(ca_path, keys->ca_file));
  }
  invocation.err() << "the beacon's key is in " << beacon_path << ": for firebreak-beacon --key\n"
                   << "the location's CA is in " << ca_path << ": keep it away from the network\n";

  v1::Resource resource;
  v1::Location& location = *resource.mutable_location();
  location.set_name(options.name);
  location.set_max_hops(options.max_hops);
  for (const std::string& address : options.addresses) {
    v1::Beacon& beacon = *location.add_beacons();
    beacon.set_address(address);
    beacon.set_server_name(options.server_name);
    beacon.set_ca(keys->ca);
  }
  invocation.out() << policy::ToYaml(resource);
  return absl::OkStatus();
}

void AddCreate(Verb noun, Command& command) {
  const Verb verb = AddVerb(
      noun, "create",
      "Make a location that can be proven.\n\n"
      "Makes the location's own certificate authority and a key for its beacons, and prints the "
      "Location, ready to be applied. The keys go to NAME.ca.pem and NAME.beacon.pem (mode 0600); "
      "an authority that is there already is used again, so that a beacon's key can be replaced. "
      "Start `firebreak-beacon` with the beacon's key in the network that the location is; it "
      "proves to hosts that they are there. No controller is asked.",
      "firebreak location create corp --address 10.10.0.1:7444 > corp.yaml\n"
      "firebreak apply -f corp.yaml\n"
      "firebreak-beacon --listen 10.10.0.1:7444 --key corp.beacon.pem");
  const auto options = std::make_shared<CreateOptions>();
  verb.Add("NAME", options->name, "the location's name").Required();
  verb.Add("--address", options->addresses,
           "where a beacon is, IP:PORT or [IPv6]:PORT; may be given several times")
      .Type("ADDRESS:PORT")
      .Required()
      .OneAtATime();
  verb.Add("--server-name", options->server_name,
           "the name in the beacons' certificate; beacon.NAME.internal unless given")
      .Type("NAME");
  verb.Add("--directory", options->directory, "where the keys go").Type("DIR").Default(".");
  verb.AddNumber("--max-hops", options->max_hops, 0, 254,
                 "routers that may stand between a host and a beacon")
      .Type("N")
      .Default("0");
  verb.WhenGiven([&command, options] {
    if (absl::Status status = policy::CheckName(options->name); !status.ok()) {
      RefuseUsage("NAME", status.message());
    }
    if (options->server_name.empty()) {
      options->server_name = absl::StrCat("beacon.", options->name, ".internal");
    }
    if (absl::Status status = policy::CheckDnsName(options->server_name); !status.ok()) {
      RefuseUsage("--server-name", status.message());
    }
    for (const std::string& address : options->addresses) {
      if (absl::Status status = policy::CheckAddressAndPort(address); !status.ok()) {
        RefuseUsage("--address", status.message());
      }
    }
    command.run = [options](Invocation& invocation) {
      return CreateLocation(invocation, *options);
    };
  });
}

struct TestOptions {
  std::string host;
  std::string interface;
  std::string location;
};

void PrintTest(Invocation& invocation, const v1::LocationTest& test) {
  invocation.out() << Escape(test.interface()) << " at " << Escape(test.location());
  if (!test.beacon().empty()) invocation.out() << ", beacon " << Escape(test.beacon());
  invocation.out() << ": "
                   << Paint(test.proven() ? "proven" : "not proven",
                            test.proven() ? Colour::kGreen : Colour::kRed, invocation.colours())
                   << "\n";
  for (const v1::LocationTestStep& step : test.steps()) {
    invocation.out() << (step.passed() ? "  passed  " : "  failed  ") << Escape(step.name()) << ": "
                     << Escape(step.detail()) << "\n";
  }
}

absl::Status TestLocation(Invocation& invocation, const TestOptions& options) {
  v1::Question question;
  question.mutable_location_test()->set_interface(options.interface);
  question.mutable_location_test()->set_location(options.location);
  v1::LocationTestAnswer whole;
  absl::Status status =
      Ask(invocation, options.host, question, kAnswerTimeout, [&](const v1::Answer& part) {
        whole.MergeFrom(part.location_test());
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  if (invocation.format() != Format::kTable) {
    PrintData(invocation, whole);
  } else {
    for (const v1::LocationTest& test : whole.tests()) PrintTest(invocation, test);
  }
  return absl::OkStatus();
}

void AddTest(Verb noun, Command& command) {
  const Verb verb = AddVerb(
      noun, "test",
      "Look for proof of locations now, and explain each step.\n\n"
      "The host asks each beacon of each location through each of its interfaces, and tells what "
      "came of it. Nothing is promoted or demoted by it. With --local it is this host that does.",
      "firebreak --local location test\n"
      "firebreak location test laptop-7 --interface wlan0 --at corp");
  const auto options = std::make_shared<TestOptions>();
  verb.Add("HOST", options->host, "the host; not with --local");
  verb.Add("--interface", options->interface, "only this network interface").Type("IF");
  verb.Add("--at", options->location, "only this location").Type("LOCATION");
  verb.WhenGiven([&command, options] {
    if (command.options.local != options->host.empty()) {
      RefuseUsage("HOST", "name the host, or ask this one with --local");
    }
    command.run = [options](Invocation& invocation) { return TestLocation(invocation, *options); };
  });
}

}  // namespace

void AddLocationVerbs(Verb root, Command& command) {
  const Verb noun = AddNoun(root, "location", "Networks that prove themselves to hosts.");
  AddCreate(noun, command);
  AddTest(noun, command);
}

}  // namespace firebreak::cli
