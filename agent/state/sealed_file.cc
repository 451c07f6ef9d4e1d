// SPDX-License-Identifier: Apache-2.0
#include "agent/state/sealed_file.h"

#include <openssl/sha.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "base/files/files.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"
#include "proto/text/make_text.h"

namespace firebreak::agent {
namespace {

constexpr char kMagic[] = {'F', 'B', 'R', 'K', 1, 0, 0, 0};
constexpr size_t kHeaderBytes = sizeof kMagic + SHA256_DIGEST_LENGTH;
constexpr size_t kMaxBytes = 64 << 20;

std::string Header(absl::string_view content) {
  std::string header(kMagic, sizeof kMagic);
  header += Sha256(content);
  return header;
}

}  // namespace

absl::Status WriteSealedFile(const std::string& path, absl::string_view content) {
  std::string bytes = absl::StrCat(Header(content), content);
  absl::Status status = ReplaceFile(path, bytes);
  Wipe(bytes);  // it may be a key
  return status;
}

absl::Status WriteSealedMessage(const std::string& path, const google::protobuf::Message& message) {
  const std::unique_ptr<google::protobuf::Message> text(message.New());
  text->CopyFrom(message);
  MakeText(*text);
  return WriteSealedFile(path, text->SerializeAsString());
}

absl::StatusOr<std::string> ReadSealedFile(const std::string& path) {
  absl::StatusOr<std::string> bytes = ReadFile(path, kMaxBytes);
  if (absl::IsOutOfRange(bytes.status()) || (bytes.ok() && bytes->size() < kHeaderBytes)) {
    return absl::DataLossError(absl::StrCat(path, " has an impossible size"));
  }
  RETURN_IF_ERROR(bytes.status());
  std::string content = bytes->substr(kHeaderBytes);
  const bool whole = bytes->compare(0, kHeaderBytes, Header(content)) == 0;
  Wipe(*bytes);
  if (!whole) {
    return absl::DataLossError(absl::StrCat(path, " is damaged: its checksum does not match"));
  }
  return content;
}

}  // namespace firebreak::agent
