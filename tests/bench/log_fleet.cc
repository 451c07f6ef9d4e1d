// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/log_fleet.h"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/bench/namespace_pair.h"
#include "tests/bench/programs.h"

namespace firebreak::bench {
namespace {

constexpr uint16_t kControllerMetrics = 9465;
constexpr uint16_t kAgentMetrics = 9466;

void Await(const char* what, const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) Die(absl::StrCat("it did not happen: ", what));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

std::string Local(uint16_t port) { return absl::StrCat("127.0.0.1:", port); }

}  // namespace

LogController::LogController(const NamespacePair& pair, const std::string& directory)
    : program_(
          pair,
          {ProgramPath("controller/firebreak-controller"), "--data-dir", directory + "/controller",
           "--listen", "127.0.0.1:7443", "--metrics", Local(kControllerMetrics)},
          directory + "/controller.log"),
      cli_(absl::StrCat(ProgramPath("cli/firebreak"), " --context ", directory,
                        "/controller/admin.yaml ")) {
  Await("the controller answers",
        [&] { return pair.TryInHost(cli_ + "host list > /dev/null 2>&1"); });
}

Delivered DeliverToController(const std::string& directory,
                              const std::function<void(const char* address)>& flood) {
  const NamespacePair pair("log");
  const LogController controller(pair, directory);
  const std::string& cli = controller.Cli();
  pair.RunInHost(absl::StrCat(cli, "token create > ", directory, "/token"));
  const RunningProgram agent(
      pair,
      {ProgramPath("agent/firebreak-agent"), "--controller", "127.0.0.1:7443", "--state-dir",
       directory + "/agent", "--token-file", directory + "/token", "--name", "web-1", "--socket",
       directory + "/agent.sock", "--metrics", Local(kAgentMetrics), "--log-dir", directory},
      directory + "/agent.log");
  Await("the host is online",
        [&] { return pair.TryInHost(cli + "host list 2> /dev/null | grep -q online"); });
  std::ofstream(directory + "/policy.yaml")
      << "kind: Policy\nname: log\ngroups: [all]\nfirewall: \"on\"\nlogging: {dropped: true, file: "
      << directory << "/agent-file.log, max_size_kib: 32767}\n";
  pair.RunInHost(absl::StrCat(cli, "apply --wait -f ", directory, "/policy.yaml > /dev/null"));

  Delivered delivered;
  delivered.agent_cpu = -agent.Cpu();
  delivered.controller_cpu = -controller.Cpu();
  pair.InPeer([&] { flood(NamespacePair::kHostAddress); });
  Await("all is delivered", [&] {
    auto at_agent = Scrape(pair, kAgentMetrics);
    auto at_controller = Scrape(pair, kControllerMetrics);
    delivered.counted = 0;
    for (const auto& [name, value] : at_agent) {
      if (name.rfind("firebreak_agent_dropped_packets_total", 0) == 0) {
        delivered.counted += static_cast<uint64_t>(value);
      }
    }
    delivered.records = static_cast<uint64_t>(at_controller["firebreak_log_records_total"]);
    delivered.lost = static_cast<uint64_t>(at_controller["firebreak_log_records_lost_total"]);
    return delivered.counted > 0 && delivered.records + delivered.lost == delivered.counted;
  });
  delivered.agent_cpu += agent.Cpu();
  delivered.controller_cpu += controller.Cpu();
  return delivered;
}

}  // namespace firebreak::bench
