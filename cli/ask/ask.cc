// SPDX-License-Identifier: Apache-2.0
#include "cli/ask/ask.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/ask/local_socket.h"
#include "grpcpp/grpcpp.h"

namespace firebreak::cli {
namespace {

v1::Question WithTimeout(const v1::Question& question, absl::Duration timeout) {
  v1::Question timed = question;
  timed.set_timeout_millis(static_cast<uint32_t>(absl::ToInt64Milliseconds(timeout)));
  return timed;
}

}  // namespace

absl::Status AskThrough(Connection& connection, const std::string& host,
                        const v1::Question& question, absl::Duration timeout, OnPart part) {
  v1::AskHostRequest request;
  request.set_host(host);
  *request.mutable_question() = WithTimeout(question, timeout);
  grpc::ClientContext call;
  // The deadline is a little later than the controller's, so that the controller can say why a host
  // does not answer.
  call.set_deadline(absl::ToChronoTime(absl::Now() + timeout + absl::Seconds(5)));
  const auto reader = connection.admin().AskHost(&call, request);
  v1::Answer answer;
  absl::Status failed;
  bool last = false;
  while (failed.ok() && reader->Read(&answer)) {
    last = last || answer.last();
    failed = answer.error().empty()
                 ? part(answer)
                 : absl::AbortedError(absl::StrCat("host ", host, ": ", answer.error()));
  }
  if (!failed.ok()) call.TryCancel();
  const grpc::Status status = reader->Finish();
  if (!failed.ok()) return failed;
  if (!status.ok()) {
    const absl::Status failure = connection.Failure(status);
    const bool host_failed =
        (absl::IsUnavailable(failure) || absl::IsDeadlineExceeded(failure)) && connection.answers();
    // The controller can be reached, so it is the host that cannot.
    return host_failed ? absl::AbortedError(failure.message()) : failure;
  }
  if (!last) return absl::DataLossError(absl::StrCat("host ", host, ": the answer is incomplete"));
  return absl::OkStatus();
}

absl::Status Ask(Invocation& invocation, const std::string& host, const v1::Question& question,
                 absl::Duration timeout, OnPart part) {
  if (invocation.local()) {
    return AskLocal(invocation.socket(), WithTimeout(question, timeout), timeout, part);
  }
  absl::StatusOr<Connection*> connection = invocation.Connect();
  if (!connection.ok()) return connection.status();
  return AskThrough(**connection, host, question, timeout, part);
}

}  // namespace firebreak::cli
