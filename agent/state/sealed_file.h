#ifndef FIREBREAK_AGENT_STATE_SEALED_FILE_H_
#define FIREBREAK_AGENT_STATE_SEALED_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::agent {

// A file that is either complete or absent. Format: "FBRK", a version byte (1), three zero bytes,
// the SHA-256 of the content (32 bytes), the content.

// Atomic and durable: after a crash at any moment there is the old file or the new one. Mode 0600.
absl::Status WriteSealedFile(const std::string& path, absl::string_view content);

// NotFound: there is no such file. DataLoss: the content does not match its checksum.
absl::StatusOr<std::string> ReadSealedFile(const std::string& path);

// Atomic and durable.
absl::Status RenameFile(const std::string& from, const std::string& to);

// Durable. Succeeds if the file does not exist.
absl::Status DeleteFile(const std::string& path);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_STATE_SEALED_FILE_H_
