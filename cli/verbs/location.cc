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
  invocation.err() << "the key of the beacon is in " << beacon_path
                   << ": for firebreak-beacon --key\n"
                   << "the CA of the location is in " << ca_path
                   << ": keep it away from the network\n";

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
  const Verb verb =
      AddVerb(noun, "create",
              "Create a location and the key of its beacon.\n\n"
              "Creates a certificate authority for the location and a key for its beacons, and "
              "prints the Location resource, ready for `firebreak apply`. Writes the keys to "
              "NAME.ca.pem and NAME.beacon.pem (mode 0600). If NAME.ca.pem exists, its authority "
              "is used again, so that you can replace the key of a beacon. Run `firebreak-beacon` "
              "with the beacon's key in the network of the location: the beacon proves to hosts "
              "that they are there. No controller is asked.",
              "firebreak location create corp --address 10.10.0.1:7444 > corp.yaml\n"
              "firebreak apply -f corp.yaml\n"
              "firebreak-beacon --listen 10.10.0.1:7444 --key corp.beacon.pem");
  const auto options = std::make_shared<CreateOptions>();
  verb.Add("NAME", options->name, "the name of the location").Required();
  verb.Add("--address", options->addresses,
           "the address and port of a beacon, IP:PORT or [IPv6]:PORT; may be given several times")
      .Type("ADDRESS:PORT")
      .Required()
      .OneAtATime();
  verb.Add("--server-name", options->server_name,
           "the name in the beacons' certificate; default: beacon.NAME.internal")
      .Type("NAME");
  verb.Add("--directory", options->directory, "the directory for the keys")
      .Type("DIR")
      .Default(".");
  verb.AddNumber("--max-hops", options->max_hops, 0, 254,
                 "how many routers may stand between a host and a beacon, 0 to 254")
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
  const Verb verb = AddVerb(noun, "test",
                            "Test now whether a host can prove its locations.\n\n"
                            "The host asks each beacon of each location through each of its "
                            "interfaces, and reports each step. The test does not change the "
                            "location of an interface. With --local, the test runs on this host.",
                            "firebreak --local location test\n"
                            "firebreak location test laptop-7 --interface wlan0 --at corp");
  const auto options = std::make_shared<TestOptions>();
  verb.Add("HOST", options->host, "the name of the host; leave it out with --local");
  verb.Add("--interface", options->interface, "only this network interface").Type("IF");
  verb.Add("--at", options->location, "only this location").Type("LOCATION");
  verb.WhenGiven([&command, options] {
    if (command.options.local != options->host.empty()) {
      RefuseUsage("HOST", "name the host, or test this host with --local");
    }
    command.run = [options](Invocation& invocation) { return TestLocation(invocation, *options); };
  });
}

}  // namespace

void AddLocationVerbs(Verb root, Command& command) {
  const Verb noun = AddNoun(root, "location",
                            "Create and test locations: networks that prove themselves to hosts.");
  AddCreate(noun, command);
  AddTest(noun, command);
}

}  // namespace firebreak::cli
