// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/programs.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace firebreak::bench {

std::string ProgramPath(const std::string& program) {
  const char* directory = getenv("FIREBREAK_BIN");
  return absl::StrCat(directory == nullptr ? "." : directory, "/", program);
}

RunningProgram::RunningProgram(const NamespacePair& pair, const std::vector<std::string>& command,
                               const std::string& log) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  pair.InHost([&] {
    process_ = fork();
    if (process_ != 0) return;
    // The file is opened in the child, because the parent's thread leaves the namespace again.
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execv(arguments[0], arguments.data());
    Die(absl::StrCat("there is no ", command[0], ": name its directory in FIREBREAK_BIN"));
  });
  if (process_ < 0) Die("fork");
}

RunningProgram::~RunningProgram() {
  kill(process_, SIGTERM);
  waitpid(process_, nullptr, 0);
}

double RunningProgram::Cpu() const {
  std::ifstream file(absl::StrCat("/proc/", process_, "/stat"));
  const std::string text(std::istreambuf_iterator<char>(file), {});
  // proc(5): fields 3 and on follow the name in parentheses; fields 14 and 15 are ticks of CPU
  // time.
  const std::vector<std::string> fields =
      absl::StrSplit(text.substr(text.rfind(')') + 2), ' ', absl::SkipEmpty());
  uint64_t user = 0;
  uint64_t kernel = 0;
  if (fields.size() < 13 || !absl::SimpleAtoi(fields[11], &user) ||
      !absl::SimpleAtoi(fields[12], &kernel)) {
    Die(absl::StrCat("the program with process id ", process_, " has ended"));
  }
  return static_cast<double>(user + kernel) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

long RunningProgram::PeakMemory() const {
  std::ifstream file(absl::StrCat("/proc/", process_, "/status"));
  long kib = 0;
  for (std::string word; file >> word;) {
    if (word == "VmHWM:") file >> kib;
  }
  return kib >> 10;
}

std::map<std::string, double> Scrape(const NamespacePair& pair, uint16_t port) {
  int connection = -1;
  pair.InHost([&] { connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); });
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string text;
  if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    constexpr absl::string_view kRequest =
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    send(connection, kRequest.data(), kRequest.size(), MSG_NOSIGNAL);
    char bytes[4096];
    for (ssize_t count; (count = recv(connection, bytes, sizeof bytes, 0)) > 0;) {
      text.append(bytes, static_cast<size_t>(count));
    }
  }
  close(connection);
  std::map<std::string, double> values;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const size_t space = line.rfind(' ');
    double value;
    if (space == absl::string_view::npos || line.front() == '#' ||
        !absl::SimpleAtod(line.substr(space + 1), &value)) {
      continue;
    }
    values[std::string(line.substr(0, space))] = value;
  }
  return values;
}

}  // namespace firebreak::bench
