// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/confirm_trial.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "base/address/address.h"
#include "base/status/status.h"
#include "base/text/escape.h"
#include "cli/ask/ask.h"
#include "cli/input/own_connection.h"
#include "cli/input/packet.h"
#include "cli/verbs/print.h"

namespace firebreak::cli {
namespace {

constexpr char kTwice[] = "cut me off";

// Returns the interface that has the address; empty if none has.
std::string InterfaceWith(Invocation& invocation, const std::string& address) {
  v1::Question question;
  question.mutable_interfaces();
  std::string found;
  const absl::Status status =
      Ask(invocation, "", question, kAnswerTimeout, [&](const v1::Answer& part) {
        for (const v1::InterfaceReport& report : part.interfaces().interfaces()) {
          for (absl::string_view one : report.interface().addresses()) {
            if (one.substr(0, one.find('/')) == address) found = report.interface().name();
          }
        }
        return absl::OkStatus();
      });
  return status.ok() ? found : "";
}

// Returns why the rules would not let the user connect again in the same way; empty if they would,
// or if that cannot be determined.
std::string WhyShutOut(Invocation& invocation) {
  const std::optional<OwnConnection> own = FindOwnConnection();
  if (!own.has_value()) return "";
  PacketOptions packet;
  packet.in = InterfaceWith(invocation, own->local);
  packet.protocol = "tcp";
  // Asks about the user's next connection, from another port. The present one continues anyway,
  // because the kernel knows it.
  packet.from =
      JoinAddressAndPort(own->remote, own->remote_port == 65535 ? 1024 : own->remote_port + 1);
  packet.to = JoinAddressAndPort(own->local, own->local_port);
  const absl::StatusOr<v1::TraceQuestion> trace = ParsePacketOptions(packet);
  if (packet.in.empty() || !trace.ok()) return "";
  v1::Question question;
  *question.mutable_trace() = *trace;
  v1::TraceAnswer answer;
  const absl::Status status =
      Ask(invocation, "", question, kAnswerTimeout, [&](const v1::Answer& part) {
        answer.MergeFrom(part.trace());
        return absl::OkStatus();
      });
  if (!status.ok() || answer.verdict() != "drop") return "";
  return absl::StrCat(
      "a new connection like yours, from ", own->remote, " to ",
      JoinAddressAndPort(own->local, own->local_port), " on ", packet.in,
      ", is DROPPED by these rules (", answer.reason(),
      "). Your present connection continues; it does not prove that you can connect again.");
}

// Reads a line from the terminal; nullopt if none comes in time, or at the end of input.
std::optional<std::string> ReadLine(absl::Time until) {
  std::string line;
  while (line.size() < 256) {
    const absl::Duration left = until - absl::Now();
    if (left <= absl::ZeroDuration()) return std::nullopt;
    pollfd terminal = {.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    const int ready = poll(&terminal, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return std::nullopt;
    char byte;
    const ssize_t got = read(STDIN_FILENO, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    if (byte == '\n') break;
    line.push_back(byte);
  }
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(line));
}

}  // namespace

absl::Status Decide(Invocation& invocation, uint64_t revision, bool keep) {
  v1::Question question;
  v1::StandaloneConfirm& confirm = *question.mutable_standalone()->mutable_confirm();
  confirm.set_revision(revision);
  confirm.set_take_back(!keep);
  v1::StandaloneAnswer answer;
  RETURN_IF_ERROR(Ask(invocation, "", question, kAnswerTimeout, [&](const v1::Answer& part) {
    answer.MergeFrom(part.standalone());
    return absl::OkStatus();
  }));
  if (invocation.format() != Format::kTable) {
    PrintData(invocation, answer);
  } else if (answer.revision() == 0) {
    invocation.out() << "no policy is in force, as before\n";
  } else {
    invocation.out() << "revision " << answer.revision() << (keep ? " stays" : " is in force again")
                     << "\n";
  }
  return absl::OkStatus();
}

absl::Status ConfirmTrial(Invocation& invocation, uint64_t revision, absl::Duration time) {
  const absl::Time until = absl::Now() + time;
  invocation.err() << "revision " << revision << " is on trial: it will be undone in "
                   << absl::FormatDuration(time) << " unless you confirm it";
  if (isatty(STDIN_FILENO) == 0) {
    invocation.err() << " with\n    firebreak --local confirm " << revision << "\n";
    return absl::OkStatus();
  }
  invocation.err() << "\n";
  const std::string shut_out = WhyShutOut(invocation);
  if (!shut_out.empty()) invocation.err() << "CAUTION: " << Escape(shut_out) << "\n";
  const std::string yes = shut_out.empty() ? "yes" : kTwice;
  while (true) {
    invocation.err() << "Keep it? Open a new connection to this host first. Type `" << yes
                     << "` or `no`: ";
    invocation.err().flush();
    const std::optional<std::string> line = ReadLine(until);
    if (!line.has_value()) {
      invocation.err() << "\n";
      return absl::AbortedError(
          absl::StrCat("revision ", revision, " was not confirmed and is undone"));
    }
    if (*line == yes) return Decide(invocation, revision, /*keep=*/true);
    if (*line == "no") {
      RETURN_IF_ERROR(Decide(invocation, revision, /*keep=*/false));
      return absl::AbortedError(absl::StrCat("revision ", revision, " is undone"));
    }
  }
}

}  // namespace firebreak::cli
