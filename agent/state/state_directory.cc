// SPDX-License-Identifier: Apache-2.0
#include "agent/state/state_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/state/sealed_file.h"
#include "base/files/files.h"
#include "base/log/log.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

constexpr char kGood[] = "policy";
constexpr char kTrial[] = "policy.trial";
constexpr char kFallback[] = "policy.fallback";
constexpr char kRefusal[] = "refusal";
constexpr char kSwitches[] = "switches";
constexpr char kSwitched[] = "switches.exist";  // an empty file
constexpr char kMappings[] = "mappings";
constexpr char kController[] = "controller";
constexpr char kClock[] = "clock-was-wrong";

template <typename Message>
std::optional<Message> ReadMessage(const std::string& path) {
  const absl::StatusOr<std::string> bytes = ReadSealedFile(path);
  if (!bytes.ok()) {
    if (!absl::IsNotFound(bytes.status())) {
      LogError(absl::StrCat("ignored: ", bytes.status().message()));
    }
    return std::nullopt;
  }
  Message message;
  if (!message.ParseFromString(*bytes)) {
    LogError(absl::StrCat("ignored: ", path, " holds no ", message.GetTypeName()));
    return std::nullopt;
  }
  return message;
}

}  // namespace

absl::StatusOr<StateDirectory> StateDirectory::Open(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::ErrnoToStatus(errno, absl::StrCat("create the state directory ", path));
  }
  struct stat info;
  if (stat(path.c_str(), &info) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("examine the state directory ", path));
  }
  if (!S_ISDIR(info.st_mode) || info.st_uid != geteuid() || (info.st_mode & 022) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, " must be a directory that only this user can write to; try: chmod 700 ", path));
  }
  // Opened read-only, so that the policy can be read even if the file system has become read-only.
  const int lock =
      open((path + "/lock").c_str(), O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) return absl::ErrnoToStatus(errno, absl::StrCat("create ", path, "/lock"));
  StateDirectory directory(path, lock);
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("another firebreak-agent is running with the state directory ", path));
  }
  return directory;
}

StateDirectory::StateDirectory(StateDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

StateDirectory::~StateDirectory() {
  if (lock_ >= 0) close(lock_);
}

std::optional<v1::Push> StateDirectory::ReadGood() const {
  return ReadMessage<v1::Push>(File(kGood));
}

bool StateDirectory::HasGood() const { return access(File(kGood).c_str(), F_OK) == 0; }

absl::Status StateDirectory::WriteGood(const v1::Push& push) {
  return WriteSealedMessage(File(kGood), push);
}

std::optional<v1::Push> StateDirectory::ReadTrial() const {
  return ReadMessage<v1::Push>(File(kTrial));
}

absl::Status StateDirectory::WriteTrial(const v1::Push& push) {
  return WriteSealedMessage(File(kTrial), push);
}

absl::Status StateDirectory::DeleteTrial() { return DeleteFile(File(kTrial)); }

absl::Status StateDirectory::PromoteTrial() { return RenameFile(File(kTrial), File(kGood)); }

std::optional<v1::Fallback> StateDirectory::ReadFallback() const {
  if (access(File(kFallback).c_str(), F_OK) != 0) return std::nullopt;
  return ReadMessage<v1::Fallback>(File(kFallback)).value_or(v1::Fallback());
}

absl::Status StateDirectory::WriteFallback(const v1::Fallback& fallback) {
  return WriteSealedMessage(File(kFallback), fallback);
}

absl::Status StateDirectory::TakeFallback() {
  const std::optional<v1::Fallback> fallback = ReadFallback();
  if (!fallback.has_value()) return absl::NotFoundError("there is no policy to fall back to");
  RETURN_IF_ERROR(WriteSealedFile(File(kGood), fallback->push()));
  return DeleteFallback();
}

absl::Status StateDirectory::DeleteFallback() { return DeleteFile(File(kFallback)); }

std::optional<v1::Refusal> StateDirectory::ReadRefusal() const {
  return ReadMessage<v1::Refusal>(File(kRefusal));
}

absl::Status StateDirectory::WriteRefusal(const v1::Refusal& refusal) {
  return WriteSealedMessage(File(kRefusal), refusal);
}

absl::Status StateDirectory::DeleteRefusal() { return DeleteFile(File(kRefusal)); }

absl::StatusOr<v1::LocalSwitches> StateDirectory::ReadSwitches() const {
  const absl::StatusOr<std::string> bytes = ReadSealedFile(File(kSwitches));
  v1::LocalSwitches switches;
  if (absl::IsNotFound(bytes.status())) {
    if (access(File(kSwitched).c_str(), F_OK) != 0) return switches;
    return absl::DataLossError(absl::StrCat(File(kSwitches), " is gone"));
  }
  if (!bytes.ok()) return absl::DataLossError(bytes.status().message());
  if (!switches.ParseFromString(*bytes)) {
    return absl::DataLossError(absl::StrCat(File(kSwitches), " holds no switches"));
  }
  return switches;
}

absl::Status StateDirectory::WriteSwitches(const v1::LocalSwitches& switches) {
  // The mark is there only while the switches are, even if the agent dies in between: a mark alone
  // says that the switches were lost.
  if (switches.items().empty()) {
    RETURN_IF_ERROR(DeleteFile(File(kSwitched)));
    return DeleteFile(File(kSwitches));
  }
  RETURN_IF_ERROR(WriteSealedMessage(File(kSwitches), switches));
  if (absl::Status status = ReplaceFile(File(kSwitched), ""); !status.ok()) {
    LogWarning(status.message(), "; if ", File(kSwitches),
               " is lost, the loss will not be reported");
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::LocalMappings> StateDirectory::ReadMappings() const {
  v1::LocalMappings mappings;
  const absl::StatusOr<std::string> bytes = ReadSealedFile(File(kMappings));
  if (absl::IsNotFound(bytes.status())) return mappings;
  if (!bytes.ok()) return absl::DataLossError(bytes.status().message());
  if (!mappings.ParseFromString(*bytes)) {
    return absl::DataLossError(absl::StrCat(File(kMappings), " holds no mappings"));
  }
  return mappings;
}

absl::Status StateDirectory::WriteMappings(const v1::LocalMappings& mappings) {
  return WriteSealedMessage(File(kMappings), mappings);
}

bool StateDirectory::ClockWasWrong() const { return access(File(kClock).c_str(), F_OK) == 0; }

absl::Status StateDirectory::NoteWrongClock() { return WriteSealedFile(File(kClock), ""); }

std::string StateDirectory::ReadControllerAddress() const {
  const absl::StatusOr<std::string> address = ReadSealedFile(File(kController));
  if (!address.ok() && !absl::IsNotFound(address.status())) {
    LogError(absl::StrCat("ignored: ", address.status().message()));
  }
  return address.value_or("");
}

absl::Status StateDirectory::WriteControllerAddress(const std::string& address) {
  return WriteSealedFile(File(kController), address);
}

}  // namespace firebreak::agent
