// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_STATE_SEALED_FILE_H_
#define FIREBREAK_AGENT_STATE_SEALED_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace firebreak::agent {

// A file that is either complete or absent. Format: "FBRK", a version byte (1), three zero bytes,
// the SHA-256 of the content (32 bytes), the content.

// Mode 0600. Atomic and durable, with the guarantees of ReplaceFile (base/files/files.h).
absl::Status WriteSealedFile(const std::string& path, absl::string_view content);

// The same with the message as the content. Its texts are made UTF-8 first (MakeText), because one
// that is not, the name of an interface for example, would make the file unreadable.
absl::Status WriteSealedMessage(const std::string& path, const google::protobuf::Message& message);

// NotFound: there is no such file. DataLoss: the content does not match its checksum.
absl::StatusOr<std::string> ReadSealedFile(const std::string& path);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_STATE_SEALED_FILE_H_
