// SPDX-License-Identifier: Apache-2.0
#include "agent/standalone/policy_files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/descriptor/descriptor.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

bool IsPolicyFile(const std::string& name) {
  return !absl::StartsWith(name, ".") &&
         (absl::EndsWith(name, ".yaml") || absl::EndsWith(name, ".yml") ||
          absl::EndsWith(name, ".json"));
}

// The path itself, or what the directory at the path contains.
absl::StatusOr<std::vector<std::string>> FilesAt(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  std::filesystem::directory_iterator entry(path, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (IsPolicyFile(entry->path().filename())) files.push_back(entry->path());
    if (files.size() > kMaxPolicyFiles) {
      return absl::ResourceExhaustedError(
          absl::StrCat(path, " holds more than ", kMaxPolicyFiles, " files of policies"));
    }
  }
  if (error) {
    return absl::ErrnoToStatus(error.value(), absl::StrCat("read the directory ", path));
  }
  std::sort(files.begin(), files.end());
  return files;
}

absl::StatusOr<std::string> ReadText(const std::string& path, size_t limit) {
  // A pipe without a writer would keep the agent waiting.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info = {};
  if (file.get() < 0 || fstat(file.get(), &info) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("read ", path));
  }
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is not a file"));
  }
  std::string text;
  char buffer[64 << 10];
  while (true) {
    const ssize_t got = read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::ErrnoToStatus(errno, absl::StrCat("read ", path));
    if (got == 0) return text;
    text.append(buffer, static_cast<size_t>(got));
    if (text.size() > limit) {
      return absl::ResourceExhaustedError(absl::StrCat(
          path, ": the files of a policy have at most ", kMaxPolicyBytes >> 20, " MiB together"));
    }
  }
}

}  // namespace

absl::StatusOr<std::vector<policy::SourceFile>> ReadPolicyFiles(
    const std::vector<std::string>& paths) {
  std::vector<policy::SourceFile> files;
  size_t left = kMaxPolicyBytes;
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(const std::vector<std::string> names, FilesAt(path));
    for (const std::string& name : names) {
      ASSIGN_OR_RETURN(std::string text, ReadText(name, left));
      left -= text.size();
      files.push_back({.name = name, .text = std::move(text)});
      if (files.size() > kMaxPolicyFiles) {
        return absl::ResourceExhaustedError(
            absl::StrCat("a policy has at most ", kMaxPolicyFiles, " files"));
      }
    }
  }
  return files;
}

std::string DigestOf(const std::vector<policy::SourceFile>& files) {
  std::string all;
  for (const policy::SourceFile& file : files) {
    absl::StrAppend(&all, file.name.size(), ":", file.name, file.text.size(), ":", file.text);
  }
  return Sha256(all);
}

}  // namespace firebreak::agent
