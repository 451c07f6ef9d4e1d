// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/enrolment_key.h"

#include "agent/identity/identity.h"
#include "agent/state/sealed_file.h"
#include "base/files/files.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"

namespace firebreak::agent {

absl::StatusOr<std::string> LoadOrMakeEnrolmentKey(const std::string& path) {
  // A damaged file is replaced, because it costs only the attempts that were made with its key.
  if (absl::StatusOr<std::string> kept = ReadSealedFile(path); kept.ok()) {
    if (MakeRequest(*kept).ok()) return kept;
  }
  ASSIGN_OR_RETURN(std::string key, MakePrivateKey());
  if (absl::Status status = WriteSealedFile(path, key); !status.ok()) {
    Wipe(key);
    return status;
  }
  return key;
}

absl::Status ForgetEnrolmentKey(const std::string& path) { return DeleteFile(path); }

}  // namespace firebreak::agent
