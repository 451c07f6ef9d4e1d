// SPDX-License-Identifier: Apache-2.0
#include "agent/membership.h"

#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "agent/identity/enrolment_key.h"
#include "base/log/log.h"
#include "base/openssl/openssl.h"
#include "base/status/errno.h"

namespace firebreak::agent {
namespace {

constexpr size_t kMaxTokenFileBytes = 4096;

// Returns the token that the flags name, if they name one, and wipes the token in `flags`.
absl::StatusOr<std::optional<Token>> ReadToken(Flags& flags) {
  std::string text = std::exchange(flags.token, {});
  if (!flags.token_file.empty()) {
    // Links and pipes are welcome: secrets are often handed over by them.
    errno = 0;
    std::ifstream file(flags.token_file);
    text.resize(kMaxTokenFileBytes);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(file.gcount()));
    if (!file && !file.eof()) {
      return ErrnoStatus("read the token file", flags.token_file);
    }
  }
  if (text.empty() && flags.token_file.empty()) return std::nullopt;
  absl::StatusOr<Token> token = DecodeToken(text);
  Wipe(text);
  if (token.ok()) return *std::move(token);
  return flags.token_file.empty()
             ? token.status()
             : absl::Status(token.status().code(), absl::StrCat("read ", flags.token_file, ": ",
                                                                token.status().message()));
}

}  // namespace

std::string MachineName() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return absl::AsciiStrToLower(name);
}

std::optional<Identity> KnownIdentity(const StateDirectory& state) {
  absl::StatusOr<Identity> identity = ReadIdentity(state.IdentityPath());
  if (identity.ok()) return *std::move(identity);
  if (!absl::IsNotFound(identity.status())) LogError(identity.status().message());
  return std::nullopt;
}

absl::StatusOr<Admission> DecideAdmission(Flags& flags, std::optional<Identity> identity) {
  Admission admission{.identity = std::move(identity), .token = {}, .decision = {}};
  absl::StatusOr<std::optional<Token>> token = ReadToken(flags);
  if (token.ok()) {
    admission.token = *std::move(token);
  } else if (!admission.identity.has_value()) {
    return token.status();
  } else {
    LogWarning(token.status().message(), "; this host is enrolled as ", admission.identity->name,
               " and continues without the token");
  }
  admission.decision =
      DecideEnrolment(admission.identity, admission.token, flags.name, MachineName(), absl::Now());
  const EnrolmentDecision& decision = admission.decision;
  if (decision.when != EnrolmentDecision::When::kNever) return admission;
  if (!decision.usable) {
    return absl::FailedPreconditionError(
        absl::StrCat("this host has not enrolled: ", flags.state_dir,
                     " holds no identity. Make a token with `firebreak token create` and start "
                     "with --token-file"));
  }
  if (admission.identity->name != decision.name) {
    LogWarning("--name ", decision.name, " has no effect: this host is enrolled as ",
               admission.identity->name, "; to enrol it under another name start with a new token");
  }
  if (admission.identity->not_after <= absl::Now()) {
    LogError("the host's certificate ended ", absl::FormatTime(admission.identity->not_after),
             "; start with a new token to enrol again");
  }
  return admission;
}

void Membership::Begin(Admission admission) {
  admission_ = std::move(admission);
  if (admission_.decision.usable) agent_.Connect(*admission_.identity);
  if (admission_.decision.when == EnrolmentDecision::When::kNow) return Enrol();
  if (admission_.decision.when == EnrolmentDecision::When::kIfRefused) {
    agent_.OnRefused([this] { Enrol(); });
  }
}

void Membership::Enrol() {
  if (!admission_.token.has_value()) return;
  enroller_ = std::make_unique<Enroller>(
      Enroller::Options{.controller = controller_,
                        .token = *std::exchange(admission_.token, std::nullopt),
                        .name = admission_.decision.name,
                        .key_path = state_.path() + "/enrolment",
                        .proof = admission_.identity},
      loop_, [this](absl::StatusOr<Enrolled> enrolled) { OnEnrolled(std::move(enrolled)); });
}

void Membership::OnEnrolled(absl::StatusOr<Enrolled> enrolled) {
  enroller_.reset();
  absl::Status status = enrolled.status();
  if (status.ok()) status = WriteIdentity(state_.IdentityPath(), enrolled->identity);
  if (!status.ok()) {
    status = absl::Status(
        status.code(), absl::StrCat("enrol as ", admission_.decision.name, ": ", status.message()));
    if (admission_.decision.usable) {
      LogError(status.message(), "; going on as ", admission_.identity->name);
    } else {
      failure_ = status;
      loop_.Stop();
    }
    return;
  }
  if (status = ForgetEnrolmentKey(state_.path() + "/enrolment"); !status.ok()) {
    LogWarning(status.message());
  }
  LogInfo("enrolled as ", enrolled->identity.name, ", labels ",
          enrolled->labels.empty()
              ? "none"
              : absl::StrJoin(enrolled->labels, ",", absl::PairFormatter("=")));
  if (admission_.identity.has_value()) agent_.StateWentBack();
  agent_.Connect(std::move(enrolled->identity));
}

}  // namespace firebreak::agent
