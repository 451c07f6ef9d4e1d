#ifndef FIREBREAK_AGENT_STATE_SEALED_FILE_H_
#define FIREBREAK_AGENT_STATE_SEALED_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::agent {

// A file that is whole or not there. On disk: "FBRK", a version byte (1), three zero bytes, SHA-256
// of the content (32 bytes), the content.

// Atomic and durable: a crash at any moment leaves the old file or the new one. Mode 0600.
absl::Status WriteSealedFile(const std::string& path, absl::string_view content);

// NotFound: there is no such file. DataLoss: it is not what was written.
absl::StatusOr<std::string> ReadSealedFile(const std::string& path);

// Atomic and durable.
absl::Status RenameFile(const std::string& from, const std::string& to);

// Durable. Deleting what is not there is fine.
absl::Status DeleteFile(const std::string& path);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_STATE_SEALED_FILE_H_
