// SPDX-License-Identifier: Apache-2.0
#include "cli/input/own_connection.h"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace firebreak::cli {
namespace {

constexpr int kMostAncestors = 64;
constexpr size_t kMostBytes = 1 << 20;

// Returns the content of a file in /proc; empty if the file cannot be read.
std::string ReadProc(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostBytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

// Returns 0 if the process has no parent.
int ParentOf(int process) {
  for (absl::string_view line :
       absl::StrSplit(ReadProc(absl::StrCat("/proc/", process, "/status")), '\n')) {
    int parent = 0;
    if (absl::ConsumePrefix(&line, "PPid:\t") && absl::SimpleAtoi(line, &parent)) return parent;
  }
  return 0;
}

bool ParsePort(absl::string_view text, uint16_t& port) {
  uint32_t number = 0;
  if (!absl::SimpleAtoi(text, &number) || number == 0 || number > 65535) return false;
  port = static_cast<uint16_t>(number);
  return true;
}

}  // namespace

std::optional<OwnConnection> ParseSshConnection(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ' ');
  OwnConnection connection;
  if (parts.size() != 4 || !ParsePort(parts[1], connection.remote_port) ||
      !ParsePort(parts[3], connection.local_port)) {
    return std::nullopt;
  }
  connection.remote = std::string(parts[0]);
  connection.local = std::string(parts[2]);
  return connection;
}

std::optional<OwnConnection> FindOwnConnection() {
  int process = getpid();
  for (int i = 0; process > 0 && i < kMostAncestors; ++i, process = ParentOf(process)) {
    const std::string environment = ReadProc(absl::StrCat("/proc/", process, "/environ"));
    for (absl::string_view variable : absl::StrSplit(environment, '\0')) {
      if (absl::ConsumePrefix(&variable, "SSH_CONNECTION=")) return ParseSshConnection(variable);
    }
  }
  return std::nullopt;
}

}  // namespace firebreak::cli
