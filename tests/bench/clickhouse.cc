// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/clickhouse.h"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"

namespace firebreak::bench {
namespace {

constexpr char kServer[] = "/usr/sbin/clickhouse-server";
constexpr char kClient[] = "/usr/bin/clickhouse-client";
constexpr int kPort = 9900;

constexpr char kUsers[] = R"(<yandex><profiles><default/></profiles><quotas><default/></quotas>
<users><default><password></password><networks><ip>::/0</ip></networks><profile>default</profile>
<quota>default</quota></default></users></yandex>
)";

}  // namespace

std::unique_ptr<ClickHouse> ClickHouse::Start(const NamespacePair& pair,
                                              const std::string& directory) {
  if (access(kServer, X_OK) != 0 || access(kClient, X_OK) != 0) return nullptr;
  return std::unique_ptr<ClickHouse>(new ClickHouse(pair, directory));
}

ClickHouse::ClickHouse(const NamespacePair& pair, const std::string& directory) : pair_(pair) {
  Run(absl::StrCat("mkdir -p ", directory, "/tmp"));
  std::ofstream(directory + "/users.xml") << kUsers;
  std::ofstream(directory + "/config.xml")
      << "<yandex><logger><level>error</level><log>" << directory << "/log</log></logger><tcp_port>"
      << kPort << "</tcp_port><listen_host>127.0.0.1</listen_host><path>" << directory
      << "/data/</path><tmp_path>" << directory << "/tmp/</tmp_path><users_config>" << directory
      << "/users.xml</users_config><mark_cache_size>1073741824</mark_cache_size>"
      << "<default_profile>default</default_profile><default_database>default</default_database>"
      << "</yandex>\n";
  server_ = std::make_unique<RunningProgram>(
      pair, std::vector<std::string>{kServer, "--config-file", directory + "/config.xml"},
      directory + "/server.log");
  const std::string ready = Command("SELECT 1") + " 2> /dev/null";
  for (int tries = 0; !pair_.TryInHost(ready); ++tries) {
    if (tries == 300) Die(absl::StrCat("ClickHouse does not answer: ", directory, "/server.log"));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

std::string ClickHouse::Command(const std::string& sql) const {
  return absl::StrCat(kClient, " --port ", kPort, " --query \"", sql, "\" > /dev/null");
}

void ClickHouse::Query(const std::string& sql) const { pair_.RunInHost(Command(sql)); }

void ClickHouse::Load(const std::string& csv) const {
  std::string columns;
  std::ifstream file(csv);
  for (std::string name; std::getline(file, name, ',');) {
    const size_t end = name.find('\n');
    absl::StrAppend(&columns, columns.empty() ? "" : ", ", name.substr(0, end), " String");
    if (end != std::string::npos) break;
  }
  Query(absl::StrCat("CREATE TABLE log (", columns,
                     ") ENGINE = MergeTree PARTITION BY substring(time, 1, 10) ORDER BY (host, "
                     "time)"));
  pair_.RunInHost(absl::StrCat(Command("INSERT INTO log FORMAT CSVWithNames"), " < ", csv));
}

}  // namespace firebreak::bench
