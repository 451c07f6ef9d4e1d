// SPDX-License-Identifier: Apache-2.0
#include "cli/input/source_files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status/status.h"
#include "base/text/escape.h"
#include "base/text/utf8.h"

namespace firebreak::cli {
namespace {

namespace fs = std::filesystem;

absl::Status TooLarge(absl::string_view name, absl::string_view size) {
  return absl::InvalidArgumentError(absl::StrCat(name, ": the file has ", size, ", but at most ",
                                                 kMaxFileBytes >> 20,
                                                 " MiB are taken; split it into several"));
}

absl::StatusOr<std::string> ReadDescriptor(int descriptor, absl::string_view name) {
  struct stat facts;
  if (fstat(descriptor, &facts) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("read ", name));
  }
  if (S_ISDIR(facts.st_mode)) return absl::FailedPreconditionError("is a directory");
  const auto size = static_cast<size_t>(facts.st_size);
  if (S_ISREG(facts.st_mode) && size > kMaxFileBytes) {
    return TooLarge(name, absl::StrCat((size + (1 << 20) - 1) >> 20, " MiB"));
  }
  // Pipes have no size, and a file may grow while it is read.
  std::string text;
  size_t used = 0;
  while (true) {
    text.resize(std::max(used * 2, size_t{1} << 16));
    const ssize_t count = read(descriptor, text.data() + used, text.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return absl::ErrnoToStatus(errno, absl::StrCat("read ", name));
    if (count == 0) break;
    used += static_cast<size_t>(count);
    if (used > kMaxFileBytes) return TooLarge(name, "more");
  }
  text.resize(used);
  return text;
}

absl::StatusOr<std::string> ReadFile(const std::string& path, absl::string_view name) {
  if (path == "-") return ReadDescriptor(STDIN_FILENO, name);
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, absl::StrCat("open ", name));
  const absl::Cleanup close_it = [descriptor] { close(descriptor); };
  return ReadDescriptor(descriptor, name);
}

// Collects the resource files in and below directories.
class Walk {
 public:
  Walk(bool recursive, std::vector<std::string>* left_out)
      : recursive_(recursive), left_out_(left_out) {}

  // Returns `path` itself, or the files that count in it if it is a directory.
  absl::StatusOr<std::vector<std::string>> Expand(const std::string& path) {
    std::error_code error;
    if (path == "-" || !fs::is_directory(path, error)) return std::vector<std::string>{path};
    files_.clear();
    RETURN_IF_ERROR(List(path));
    if (files_.empty()) {
      return absl::NotFoundError(
          absl::StrCat(Escape(path), ": the directory has no *.yaml, *.yml or *.json"));
    }
    std::sort(files_.begin(), files_.end());
    return files_;
  }

 private:
  absl::Status List(const std::string& directory) {
    std::error_code error;
    for (auto entry = fs::directory_iterator(directory, error);
         !error && entry != fs::directory_iterator(); entry.increment(error)) {
      std::error_code ignored;
      RETURN_IF_ERROR(
          Take(entry->path(), entry->is_directory(ignored), entry->is_symlink(ignored)));
    }
    if (!error) return absl::OkStatus();
    return absl::ErrnoToStatus(error.value(), absl::StrCat("list ", Escape(directory)));
  }

  absl::Status Take(const fs::path& path, bool is_directory, bool is_link) {
    if (absl::StartsWith(path.filename().string(), ".")) {
      LeaveOut(path, "its name begins with a dot");
    } else if (is_directory && is_link) {
      LeaveOut(path, "a link to a directory");
    } else if (is_directory && !recursive_) {
      LeaveOut(path, "a directory; -R goes into it");
    } else if (is_directory) {
      return List(path.string());
    } else if (const fs::path extension = path.extension();
               extension != ".yaml" && extension != ".yml" && extension != ".json") {
      LeaveOut(path, "not *.yaml, *.yml or *.json");
    } else {
      files_.push_back(path.string());
    }
    return absl::OkStatus();
  }

  void LeaveOut(const fs::path& path, absl::string_view why) {
    if (left_out_ == nullptr) return;
    left_out_->push_back(absl::StrCat(Escape(path.string()), ": ", why));
  }

  const bool recursive_;
  std::vector<std::string>* const left_out_;
  std::vector<std::string> files_;
};

absl::Status CheckUtf8(absl::string_view text, absl::string_view name) {
  const size_t offset = FindInvalidUtf8(text);
  if (offset == absl::string_view::npos) return absl::OkStatus();
  const auto line = std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(offset), '\n');
  return absl::InvalidArgumentError(absl::StrCat(name, ":", line + 1, ": not UTF-8 text"));
}

constexpr absl::string_view kAsOf = "# firebreak: as of revision ";

// Returns the revision in an AsOfLine at the beginning of the text; 0 if there is none.
uint64_t AsOfRevision(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, kAsOf)) return 0;
  uint64_t revision = 0;
  const absl::string_view digits = text.substr(0, text.find_first_not_of("0123456789"));
  return absl::SimpleAtoi(digits, &revision) ? revision : 0;
}

}  // namespace

std::string AsOfLine(uint64_t revision) {
  return absl::StrCat(kAsOf, revision, "; apply refuses this file if that has changed\n");
}

absl::StatusOr<v1::ApplyRequest> ReadSourceFiles(const std::vector<std::string>& names,
                                                 bool recursive,
                                                 std::vector<std::string>* left_out) {
  if (std::count(names.begin(), names.end(), "-") > 1) {
    return absl::InvalidArgumentError("the standard input (-f -) can be read only once");
  }
  v1::ApplyRequest request;
  size_t total = 0;
  Walk walk(recursive, left_out);
  for (const std::string& given : names) {
    ASSIGN_OR_RETURN(std::vector<std::string> paths, walk.Expand(given));
    for (const std::string& path : paths) {
      const std::string name = path == "-" ? "standard input" : Escape(path);
      ASSIGN_OR_RETURN(std::string text, ReadFile(path, name));
      total += text.size();
      if (total > kMaxTotalBytes) {
        return absl::InvalidArgumentError(
            absl::StrCat(name, ": with this file there are more than ", kMaxTotalBytes >> 20,
                         " MiB; apply the files in several steps"));
      }
      RETURN_IF_ERROR(CheckUtf8(text, name));
      v1::SourceFile* file = request.add_files();
      file->set_name(name);
      file->set_as_of_revision(AsOfRevision(text));
      file->set_text(std::move(text));
    }
  }
  return request;
}

}  // namespace firebreak::cli
