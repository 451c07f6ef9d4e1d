// SPDX-License-Identifier: Apache-2.0
#include "cli/ask/local_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "base/frame/frame.h"
#include "base/status/status.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::cli {
namespace {

class Socket {
 public:
  Socket() : descriptor_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int get() const { return descriptor_; }

 private:
  const int descriptor_;
};

absl::Status Connect(int socket, const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return absl::FailedPreconditionError(
        absl::StrCat("--socket: a path has 1 to ", sizeof address.sun_path - 1, " bytes: ", path));
  }
  memcpy(address.sun_path, path.data(), path.size());
  if (connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return absl::OkStatus();
  }
  if (errno == EACCES || errno == EPERM) {
    return absl::PermissionDeniedError(absl::StrCat(
        "only root and the members of the group that the agent's --socket-group names may ask the "
        "agent at ",
        path));
  }
  return absl::UnavailableError(
      absl::StrCat("no agent listens at ", path, ": ", strerror(errno),
                   ". Does firebreak-agent run on this host? Name another path with --socket"));
}

absl::Status SendAll(int socket, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    // The error is ignored here, because the message that the agent sent before closing tells more.
    if (sent < 0) break;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return absl::OkStatus();
}

// Receives some bytes and appends them. DataLoss: the agent has closed the connection.
absl::Status ReceiveMore(int socket, std::string& bytes) {
  char buffer[16384];
  ssize_t received;
  do {
    received = recv(socket, buffer, sizeof buffer, 0);
  } while (received < 0 && errno == EINTR);
  if (received < 0 && errno == EAGAIN) {
    return absl::DeadlineExceededError("this host's agent did not answer in time");
  }
  if (received < 0) return absl::ErrnoToStatus(errno, "read the agent's answer");
  if (received == 0) return absl::DataLossError("the agent's answer is incomplete");
  bytes.append(buffer, static_cast<size_t>(received));
  return absl::OkStatus();
}

}  // namespace

absl::Status AskLocal(const std::string& path, v1::Question question, absl::Duration timeout,
                      absl::FunctionRef<absl::Status(const v1::Answer&)> part) {
  const Socket socket;
  if (socket.get() < 0) return absl::ErrnoToStatus(errno, "open a socket");
  const timeval patience = absl::ToTimeval(timeout);
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  RETURN_IF_ERROR(Connect(socket.get(), path));
  question.set_id(1);
  absl::Status status = SendAll(socket.get(), Frame(question.SerializeAsString()));
  std::string bytes;
  size_t begin = 0;  // where the unread bytes begin
  while (status.ok()) {
    const auto first = FirstInFrame(absl::string_view(bytes).substr(begin), kMaxMessageBytes);
    if (!first.ok()) return absl::DataLossError("the agent's answer cannot be read");
    if (!first->has_value()) {
      bytes.erase(0, std::exchange(begin, 0));
      status = ReceiveMore(socket.get(), bytes);
      continue;
    }
    v1::Answer answer;
    if (!answer.ParseFromArray((*first)->data(), static_cast<int>((*first)->size()))) {
      return absl::DataLossError("the agent's answer cannot be read");
    }
    begin += kFrameHeaderBytes + (*first)->size();
    if (!answer.error().empty()) return absl::AbortedError(answer.error());
    status = part(answer);
    if (answer.last()) return status;
  }
  return status;
}

}  // namespace firebreak::cli
