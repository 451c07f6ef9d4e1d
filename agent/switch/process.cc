// SPDX-License-Identifier: Apache-2.0
#include "agent/switch/process.h"

#include <limits.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "agent/answer/user_name.h"
#include "base/text/utf8.h"

namespace firebreak::agent {
namespace {

constexpr size_t kMaxPath = 160;
constexpr int kMaxAncestors = 3;
constexpr int kFieldsBeforeStart = 13;

std::string Contents(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream contents;
  contents << file.rdbuf();
  return contents.str();
}

// Decodes the kernel's encoding of device numbers in /proc/PID/stat (new_encode_dev).
dev_t Device(uint32_t encoded) {
  return makedev((encoded >> 8) & 0xfff, (encoded & 0xff) | ((encoded >> 12) & 0xfff00));
}

std::string ProgramOf(pid_t process) {
  char path[PATH_MAX];
  const ssize_t length = readlink(absl::StrCat("/proc/", process, "/exe").c_str(), path, PATH_MAX);
  if (length <= 0) return "an unknown program";
  return Plain(std::string(path, static_cast<size_t>(length)), kMaxPath);
}

}  // namespace

absl::StatusOr<Process> ReadProcess(pid_t number) {
  const std::string text = Contents(absl::StrCat("/proc/", number, "/stat"));
  // Skips the name, which may contain any characters.
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) {
    return absl::NotFoundError(absl::StrCat("process ", number, " is gone"));
  }
  std::istringstream fields(text.substr(name_end + 1));
  std::string state;
  Process process = {.number = number};
  pid_t session = 0;
  int64_t terminal = 0;
  fields >> state >> process.parent >> process.group >> session >> terminal >>
      process.foreground_group;
  std::string skipped;  // what lies between (proc(5): tpgid is field 8, starttime field 22)
  for (int i = 0; i < kFieldsBeforeStart; ++i) fields >> skipped;
  fields >> process.started;
  if (!fields) return absl::DataLossError(absl::StrCat("cannot read /proc/", number, "/stat"));
  process.terminal = Device(static_cast<uint32_t>(terminal));
  return process;
}

absl::Time StartOf(const Process& process) {
  timespec since_boot = {};
  clock_gettime(CLOCK_BOOTTIME, &since_boot);
  const absl::Duration age = absl::DurationFromTimespec(since_boot) -
                             absl::Seconds(static_cast<double>(process.started) /
                                           static_cast<double>(sysconf(_SC_CLK_TCK)));
  return absl::Now() - age;
}

std::string DescribeProgram(const Process& process) {
  std::string text = absl::StrCat(ProgramOf(process.number), " (process ", process.number, ")");
  std::vector<std::string> ancestors;
  for (pid_t next = process.parent; next > 1 && ancestors.size() < kMaxAncestors;) {
    const absl::StatusOr<Process> ancestor = ReadProcess(next);
    if (!ancestor.ok()) break;
    ancestors.push_back(ProgramOf(next));
    next = ancestor->parent;
  }
  if (!ancestors.empty()) {
    absl::StrAppend(&text, ", started by ", absl::StrJoin(ancestors, ", "));
  }
  return text;
}

std::string DescribeUser(uid_t user, pid_t process) {
  const std::string name = Plain(UserName(user), kMaxPath);
  uint32_t login = UINT32_MAX;
  if (!absl::SimpleAtoi(Contents(absl::StrCat("/proc/", process, "/loginuid")), &login) ||
      login == UINT32_MAX || login == user) {
    return name;
  }
  return absl::StrCat(name, ", logged in as ", Plain(UserName(login), kMaxPath));
}

std::string Plain(const std::string& text, size_t longest) {
  std::string plain = text.substr(0, longest);
  for (char& c : plain) {
    if (c < ' ' || c > '~') c = '?';
  }
  if (text.size() > longest) plain.replace(longest - 3, 3, "...");
  return plain;
}

std::string Readable(absl::string_view text, size_t longest) {
  std::string readable;
  size_t cut = 0;  // where there is room for "..."
  while (!text.empty()) {
    const CodePoint one = DecodeFirst(text);
    const bool control = one.value < ' ' || (one.value >= 0x7f && one.value < 0xa0);
    const bool kept = one.valid && !control && !MovesText(one.value);
    absl::StrAppend(&readable, kept ? text.substr(0, one.bytes) : "?");
    if (readable.size() + 3 <= longest) cut = readable.size();
    if (readable.size() > longest) return absl::StrCat(readable.substr(0, cut), "...");
    text.remove_prefix(one.bytes);
  }
  return readable;
}

}  // namespace firebreak::agent
