// SPDX-License-Identifier: Apache-2.0
#include "cli/context/context.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"
#include "base/text/escape.h"
#include "yaml-cpp/yaml.h"

namespace firebreak::cli {
namespace {

// Larger than any sensible context, which has four PEM texts and an address.
constexpr size_t kMaxContextBytes = 256 << 10;

constexpr absl::string_view kAdvice =
    "copy admin.yaml from the controller's data directory and name it with --context or "
    "FIREBREAK_CONTEXT";

absl::Status NotUsable(absl::string_view path, absl::string_view why) {
  return absl::UnauthenticatedError(absl::StrCat("context ", Escape(path), ": ", why));
}

// Reads the file without leaving a copy of its text behind: the buffer has its final size from the
// start.
absl::StatusOr<std::string> ReadPrivate(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    return NotUsable(path, absl::StrCat(strerror(errno), "; ", kAdvice));
  }
  const absl::Cleanup close_it = [descriptor] { close(descriptor); };
  struct stat facts;
  if (fstat(descriptor, &facts) != 0) return NotUsable(path, strerror(errno));
  if (!S_ISREG(facts.st_mode)) return NotUsable(path, "not a regular file");
  if ((facts.st_mode & 077) != 0) {
    return absl::PermissionDeniedError(absl::StrCat(
        "context ", Escape(path), ": others can read the private key in it; run: ", "chmod 600 '",
        Escape(path), "'"));
  }
  if (static_cast<size_t>(facts.st_size) > kMaxContextBytes) {
    return NotUsable(path, absl::StrCat("too large to be a context; ", kAdvice));
  }
  std::string text(static_cast<size_t>(facts.st_size), '\0');
  size_t used = 0;
  while (used < text.size()) {
    const ssize_t count = read(descriptor, text.data() + used, text.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    used += static_cast<size_t>(count);
  }
  if (used < text.size()) {
    Wipe(text);
    return NotUsable(path, "cannot be read whole");
  }
  return text;
}

bool IsAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos || colon == 0) return false;
  uint32_t port = 0;
  if (!absl::SimpleAtoi(text.substr(colon + 1), &port) || port == 0 || port > 65535) return false;
  const absl::string_view host = text.substr(0, colon);
  // gRPC would take names such as "unix:/path:1" for other transports.
  if (absl::StrContains(host, '/')) return false;
  const bool bracketed = absl::StartsWith(host, "[") && absl::EndsWith(host, "]");
  return bracketed || !absl::StrContains(host, ':');
}

absl::Status Fill(const YAML::Node& root, absl::string_view path, Context& context) {
  if (!root.IsMap()) return NotUsable(path, absl::StrCat("not a context; ", kAdvice));
  const std::map<std::string, std::string*> members = {
      {"controller", &context.controller},
      {"ca", &context.ca},
      {"certificate", &context.certificate},
      {"key", &context.key},
  };
  for (const auto& entry : root) {
    if (!entry.first.IsScalar() || !entry.second.IsScalar()) {
      return NotUsable(path, absl::StrCat("not a context; ", kAdvice));
    }
    const auto member = members.find(entry.first.Scalar());
    if (member == members.end()) {
      return NotUsable(path, absl::StrCat("unknown key '", Escape(entry.first.Scalar()),
                                          "'; the keys are controller, ca, certificate and key"));
    }
    *member->second = entry.second.Scalar();
  }
  for (const auto& [name, value] : members) {
    if (value->empty()) return NotUsable(path, absl::StrCat("'", name, "' is missing; ", kAdvice));
    if (name != "controller" && !absl::StrContains(*value, "-----BEGIN ")) {
      return NotUsable(path, absl::StrCat("'", name, "' is not PEM text; ", kAdvice));
    }
  }
  if (!IsAddress(context.controller)) {
    return NotUsable(
        path, absl::StrCat("controller: '", Escape(context.controller), "' is not HOST:PORT"));
  }
  return absl::OkStatus();
}

}  // namespace

Context::~Context() { Wipe(key); }

std::string ContextPath(absl::string_view flag) {
  if (!flag.empty()) return std::string(flag);
  const auto from_environment = [](const char* name) {
    const char* value = getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  if (std::string path = from_environment("FIREBREAK_CONTEXT"); !path.empty()) return path;
  std::string config = from_environment("XDG_CONFIG_HOME");
  if (config.empty()) config = from_environment("HOME") + "/.config";
  return config + "/firebreak/context.yaml";
}

absl::StatusOr<Context> ReadContext(const std::string& path) {
  ASSIGN_OR_RETURN(std::string text, ReadPrivate(path));
  const absl::Cleanup wipe = [&text] { Wipe(text); };
  Context context;
  // yaml-cpp reports errors by exceptions. Their messages may quote the private key, so they are
  // not used.
  try {
    RETURN_IF_ERROR(Fill(YAML::Load(text), path, context));
  } catch (const YAML::Exception& error) {
    return NotUsable(path, absl::StrCat("line ", error.mark.line + 1, " is not YAML; ", kAdvice));
  }
  return context;
}

}  // namespace firebreak::cli
