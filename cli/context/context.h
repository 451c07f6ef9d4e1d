// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_CONTEXT_CONTEXT_H_
#define FIREBREAK_CLI_CONTEXT_CONTEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::cli {

// The data with which the CLI connects to a controller as an administrator. The private key is
// wiped on destruction.
struct Context {
  Context() = default;
  Context(Context&&) = default;
  Context& operator=(Context&&) = delete;
  ~Context();

  std::string controller;  // HOST:PORT or [IPv6]:PORT
  std::string ca;          // PEM, like the next two
  std::string certificate;
  std::string key;
};

// Returns `flag` if it is set, else the value of FIREBREAK_CONTEXT, else
// ~/.config/firebreak/context.yaml (below XDG_CONFIG_HOME if that is set).
std::string ContextPath(absl::string_view flag);

// Reads a context file: YAML with exactly the four keys above. PermissionDenied if others than its
// owner can read it, Unauthenticated if it is missing or not a context; the message says what to
// do, and contains nothing from the file.
absl::StatusOr<Context> ReadContext(const std::string& path);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_CONTEXT_CONTEXT_H_
