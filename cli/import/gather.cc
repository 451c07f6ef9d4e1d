// SPDX-License-Identifier: Apache-2.0
#include "cli/import/gather.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/descriptor/descriptor.h"
#include "base/status/status.h"
#include "base/text/escape.h"
#include "cli/import/run_program.h"

namespace firebreak::cli {
namespace {

namespace fs = std::filesystem;
using importer::Imported;
using importer::kMaxSourceBytes;
using importer::Naming;
using importer::SourceText;
using Files = std::map<std::string, SourceText>;

constexpr size_t kMostFiles = 2000;  // in a directory, or matching a pattern

absl::StatusOr<SourceText> ReadSource(const std::string& path) {
  SourceText source = {path == "-" ? "<stdin>" : path, ""};
  Descriptor opened;
  if (path != "-") {
    // Opened without blocking, because opening a pipe or a device could wait.
    opened = Descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (opened.get() < 0) return absl::ErrnoToStatus(errno, absl::StrCat("read ", Escape(path)));
    struct stat facts;
    if (fstat(opened.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
      return absl::InvalidArgumentError(absl::StrCat(Escape(path), ": this is no file"));
    }
  }
  const int descriptor = path == "-" ? STDIN_FILENO : opened.get();
  char buffer[65536];
  while (source.text.size() <= kMaxSourceBytes) {
    const ssize_t count = read(descriptor, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return absl::ErrnoToStatus(errno, absl::StrCat("read ", Escape(path)));
    if (count == 0) break;
    source.text.append(buffer, static_cast<size_t>(count));
  }
  RETURN_IF_ERROR(importer::CheckSource(source));
  return source;
}

bool IsDirectory(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool Exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

// Adds the existing files directly in `directory`, each under PREFIX and its name.
absl::Status AddFiles(const std::string& directory, const std::string& prefix,
                      absl::string_view ending, Files& files) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename();
    if (!entry.is_regular_file(error) || !absl::EndsWith(name, ending)) continue;
    if (files.size() >= kMostFiles) {
      return absl::InvalidArgumentError(
          absl::StrCat(Escape(directory), ": there are more than ", kMostFiles, " files"));
    }
    auto source = ReadSource(entry.path());
    // An empty file has no settings.
    if (!source.ok() && entry.file_size(error) == 0) continue;
    if (!source.ok()) return source.status();
    files.emplace(prefix + name, *std::move(source));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<SourceText>> RunningIptables() {
  std::vector<SourceText> sources;
  for (const char* program : {"iptables-save", "ip6tables-save"}) {
    ASSIGN_OR_RETURN(std::string text, RunProgram({program}, kMaxSourceBytes));
    // A family without tables prints nothing.
    if (text.find('*') != std::string::npos) sources.push_back({program, std::move(text)});
  }
  if (sources.empty()) {
    return absl::NotFoundError(
        "iptables has no rules here; `firebreak import nft` reads those of nftables");
  }
  return sources;
}

absl::StatusOr<std::vector<SourceText>> IptablesFiles(const std::vector<std::string>& paths) {
  std::vector<SourceText> sources;
  for (const std::string& path : paths) {
    if (!IsDirectory(path)) {
      ASSIGN_OR_RETURN(SourceText source, ReadSource(path));
      sources.push_back(std::move(source));
      continue;
    }
    // The names of the files on Debian, Fedora and Arch.
    bool any = false;
    for (const char* name :
         {"rules.v4", "rules.v6", "iptables", "ip6tables", "iptables.rules", "ip6tables.rules"}) {
      const std::string file = absl::StrCat(path, "/", name);
      if (!Exists(file) || IsDirectory(file)) continue;
      ASSIGN_OR_RETURN(SourceText source, ReadSource(file));
      sources.push_back(std::move(source));
      any = true;
    }
    if (!any) {
      return absl::NotFoundError(absl::StrCat(Escape(path), ": there is no rules.v4 in it"));
    }
  }
  return sources;
}

// Resolves nft's `include`: relative to the directory of the file, absolute, or with wildcards.
absl::StatusOr<std::vector<SourceText>> FindIncluded(const std::string& directory,
                                                     const std::string& pattern) {
  std::vector<std::string> patterns = {pattern};
  if (!absl::StartsWith(pattern, "/")) patterns.push_back(absl::StrCat(directory, "/", pattern));
  const bool wild = pattern.find_first_of("*?[") != std::string::npos;
  for (const std::string& one : patterns) {
    glob_t found = {};
    const absl::Cleanup free = [&] { globfree(&found); };
    if (glob(one.c_str(), 0, nullptr, &found) != 0) continue;
    if (found.gl_pathc > kMostFiles) {
      return absl::InvalidArgumentError(
          absl::StrCat(Escape(one), " names more than ", kMostFiles, " files"));
    }
    std::vector<SourceText> sources;
    for (size_t i = 0; i < found.gl_pathc; ++i) {
      ASSIGN_OR_RETURN(SourceText source, ReadSource(found.gl_pathv[i]));
      sources.push_back(std::move(source));
    }
    return sources;
  }
  if (wild) return std::vector<SourceText>();
  return absl::NotFoundError(absl::StrCat("there is no file ", Escape(pattern)));
}

absl::StatusOr<Imported> GatherNft(const std::vector<std::string>& paths, const Naming& naming) {
  SourceText source;
  std::string directory = "/etc";
  if (paths.empty()) {
    source.name = "nft list ruleset";
    ASSIGN_OR_RETURN(source.text, RunProgram({"nft", "list", "ruleset"}, kMaxSourceBytes));
  } else if (paths.size() > 1) {
    return absl::InvalidArgumentError(
        "one file at a time: name the one that `nft -f` is given, and it includes the others");
  } else {
    std::string path = paths[0];
    if (IsDirectory(path)) path = absl::StrCat(path, "/nftables.conf");
    if (path != "-") directory = fs::path(path).parent_path();
    if (directory.empty()) directory = ".";
    ASSIGN_OR_RETURN(source, ReadSource(path));
  }
  return importer::ImportNft(
      source, [&](const std::string& pattern) { return FindIncluded(directory, pattern); }, naming);
}

absl::StatusOr<std::string> OneDirectory(const std::vector<std::string>& paths,
                                         const std::string& usual) {
  if (paths.empty()) return usual;
  if (paths.size() == 1 && IsDirectory(paths[0])) return paths[0];
  return absl::InvalidArgumentError(
      absl::StrCat("name one directory, with what is else in ", usual));
}

absl::StatusOr<Imported> GatherUfw(const std::vector<std::string>& paths, const Naming& naming) {
  ASSIGN_OR_RETURN(const std::string directory, OneDirectory(paths, "/etc/ufw"));
  Files files;
  RETURN_IF_ERROR(AddFiles(directory, "", ".rules", files));
  RETURN_IF_ERROR(AddFiles(directory, "", "ufw.conf", files));
  // /etc/default/ufw is beside /etc/ufw.
  for (const char* place : {"/default", "/../default/ufw"}) {
    const std::string path = directory + place;
    if (files.contains("default") || !Exists(path) || IsDirectory(path)) continue;
    ASSIGN_OR_RETURN(files["default"], ReadSource(path));
  }
  return importer::ImportUfw(files, naming);
}

absl::StatusOr<Imported> GatherFirewalld(const std::vector<std::string>& paths,
                                         const Naming& naming) {
  ASSIGN_OR_RETURN(const std::string directory, OneDirectory(paths, "/etc/firewalld"));
  Files files;
  for (const std::string& root : {directory, std::string("/usr/lib/firewalld")}) {
    RETURN_IF_ERROR(AddFiles(root, "", "firewalld.conf", files));
    RETURN_IF_ERROR(AddFiles(root, "", "direct.xml", files));
    for (const char* part : {"zones/", "services/", "icmptypes/", "ipsets/", "policies/"}) {
      RETURN_IF_ERROR(AddFiles(absl::StrCat(root, "/", part), part, ".xml", files));
    }
  }
  return importer::ImportFirewalld(files, naming);
}

}  // namespace

absl::StatusOr<Imported> GatherAndImport(const std::string& kind,
                                         const std::vector<std::string>& paths,
                                         const Naming& naming) {
  if (kind == "nft") return GatherNft(paths, naming);
  if (kind == "ufw") return GatherUfw(paths, naming);
  if (kind == "firewalld") return GatherFirewalld(paths, naming);
  ASSIGN_OR_RETURN(const std::vector<SourceText> sources,
                   paths.empty() ? RunningIptables() : IptablesFiles(paths));
  return importer::ImportIptables(sources, naming);
}

}  // namespace firebreak::cli
