// SPDX-License-Identifier: Apache-2.0

// firebreak-beacon: proves a location, and does nothing else.

#include <signal.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <string>

#include "base/log/log.h"
#include "controller/beacon/beacon.h"
#include "proto/endpoint/endpoint.h"
#include "proto/endpoint/version.h"

namespace firebreak::controller {
namespace {

constexpr char kDescription[] =
    R"(firebreak-beacon - proves to hosts that they are in the network in which it runs

Answers any host that can reach it, over TLS 1.3, with the key of a location that was created by
`firebreak location create`. The beacon has no other secrets, so it can run on any small machine in
the network, such as the router. Runs in the foreground until SIGTERM or SIGINT.
)";

constexpr char kFooter[] = R"(
EXAMPLE
  firebreak location create corp --address 10.10.0.1:7444 > corp.yaml
  firebreak apply -f corp.yaml
  firebreak-beacon --listen 10.10.0.1:7444 --key corp.beacon.pem

EXIT STATUS
  0  ended by SIGTERM or SIGINT
  1  could not start; standard error says why
  2  wrong usage
)";

int Run(int argc, char** argv) {
  std::string listen, key_file;
  CLI::App app(kDescription, "firebreak-beacon");
  app.footer(kFooter);
  app.set_version_flag("--version", std::string("firebreak-beacon ") + kVersion,
                       "Print the version and exit");
  app.add_option("--listen", listen,
                 "Address on which to serve. With an address of this\n"
                 "machine in the network, the beacon does not answer in\n"
                 "other networks. 0.0.0.0 or [::] serves all networks")
      ->type_name("ADDRESS:PORT")
      ->required();
  app.add_option("--key", key_file,
                 "File with the key and certificate of the beacon, mode\n"
                 "0600")
      ->type_name("FILE")
      ->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, std::cout, std::cerr) == 0 ? 0 : 2;
  }
  const absl::StatusOr<ListenAddress> address = ParseListenAddress(listen);
  if (!address.ok()) {
    LogError("--listen: ", address.status().message());
    return 2;
  }

  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  absl::StatusOr<BeaconKey> key = BeaconKey::Load(key_file);
  if (!key.ok()) {
    LogError(key.status().message());
    return 1;
  }
  auto beacon = Beacon::Start(*address, *std::move(key));
  if (!beacon.ok()) {
    LogError(beacon.status().message());
    return 1;
  }
  int signal_number = 0;
  sigwait(&ends, &signal_number);
  return 0;
}

}  // namespace
}  // namespace firebreak::controller

int main(int argc, char** argv) {
  firebreak::PrepareProcess();
  signal(SIGPIPE, SIG_IGN);
  try {
    return firebreak::controller::Run(argc, argv);
  } catch (const std::exception& error) {
    firebreak::LogError(error.what());
    return 1;
  }
}
