#ifndef FIREBREAK_CLI_CONTEXT_CONTEXT_H_
#define FIREBREAK_CLI_CONTEXT_CONTEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::cli {

// How an administrator reaches a controller. The private key is wiped when the context goes.
struct Context {
  Context() = default;
  Context(Context&&) = default;
  Context& operator=(Context&&) = delete;
  ~Context();

  std::string controller;  // HOST:PORT or [IPv6]:PORT
  std::string ca;          // PEM, as the others
  std::string certificate;
  std::string key;
};

// The file that `flag` names, else the environment's FIREBREAK_CONTEXT, else
// ~/.config/firebreak/context.yaml (below XDG_CONFIG_HOME if that is set).
std::string ContextPath(absl::string_view flag);

// Reads a context file: YAML with the four keys above and no others. PermissionDenied if others
// than its owner can read it, Unauthenticated if there is none or it is not one; the message says
// what to do about it and holds nothing of the file's content.
absl::StatusOr<Context> ReadContext(const std::string& path);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_CONTEXT_CONTEXT_H_
