// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/lost_history.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "controller/store/audit.h"

namespace firebreak::controller {
namespace {

void AppendNumber(uint64_t number, std::string& text) {
  for (int shift = 56; shift >= 0; shift -= 8) text.push_back(static_cast<char>(number >> shift));
}

std::string Statement(uint64_t revision, const v1::History& history) {
  std::string text("firebreak pushed revision\0", 26);
  AppendNumber(revision, text);
  AppendNumber(history.restores(), text);
  text += history.revision_digest();
  return text;
}

// Whether the controller, whose newest revision is `newest`, must have pushed this revision and
// forgotten it.
bool IsUnknown(const v1::Receipt& receipt, uint64_t newest, const v1::History& known) {
  const v1::History& told = receipt.history();
  if (told.fleet() != known.fleet()) return false;
  if (told.restores() != known.restores()) return told.restores() > known.restores();
  if (receipt.revision() != newest) return receipt.revision() > newest;
  return !known.revision_digest().empty() && told.revision_digest() != known.revision_digest();
}

}  // namespace

absl::Status LostHistory::Load() {
  std::vector<Witness> stored;
  RETURN_IF_ERROR(
      database_.Transact("load the witnesses", [&](Connection& connection) -> absl::Status {
        ASSIGN_OR_RETURN(stored, ListWitnesses(connection));
        return absl::OkStatus();
      }));
  absl::MutexLock lock(&mutex_);
  for (Witness& witness : stored) witnesses_.insert_or_assign(witness.host, witness);
  return absl::OkStatus();
}

absl::StatusOr<v1::History> LostHistory::Sign(uint64_t revision, uint64_t restores,
                                              absl::string_view digest) const {
  v1::History history;
  history.set_restores(restores);
  history.set_revision_digest(digest.data(), digest.size());
  history.set_fleet(authority_.fingerprint());
  ASSIGN_OR_RETURN(auto proof, authority_.Sign(Statement(revision, history)));
  history.set_proof(std::move(proof));
  return history;
}

void LostHistory::OnReceipt(const std::string& host, const std::string& address,
                            const v1::Receipt& receipt, uint64_t newest, const v1::History& known) {
  if (!receipt.has_history() || !IsUnknown(receipt, newest, known)) return;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = witnesses_.find(host);
    if (found != witnesses_.end() && found->second.restores >= receipt.history().restores() &&
        found->second.revision >= receipt.revision()) {
      return;
    }
  }
  if (!authority_.Verify(Statement(receipt.revision(), receipt.history()),
                         receipt.history().proof())) {
    const auto line =
        lines_.Line(host,
                    absl::StrCat(" reports revision ", receipt.revision(),
                                 ", which this controller never pushed; the report is ignored"),
                    absl::Now());
    if (line.has_value()) LogWarning(*line);
    return;
  }
  const Witness witness = {.host = host,
                           .revision = receipt.revision(),
                           .restores = receipt.history().restores(),
                           .at = absl::Now()};
  LogError("host ", host, " has revision ", receipt.revision(),
           ", but the newest revision that this controller has is ", newest,
           ": the controller has lost the later revisions and pushes nothing any more");
  absl::MutexLock lock(&mutex_);
  witnesses_.insert_or_assign(host, witness);
  unwritten_.push_back({witness, address, newest});
}

bool LostHistory::found() const {
  absl::MutexLock lock(&mutex_);
  return !witnesses_.empty();
}

std::string LostHistory::Reason() const {
  absl::MutexLock lock(&mutex_);
  if (witnesses_.empty()) return "";
  const auto& newest =
      std::max_element(witnesses_.begin(), witnesses_.end(), [](const auto& a, const auto& b) {
        return std::pair(a.second.restores, a.second.revision) <
               std::pair(b.second.restores, b.second.revision);
      })->second;
  return absl::StrCat(
      "the controller has lost revisions: host ", newest.host, " has revision ", newest.revision,
      ", which the controller pushed but does not have; it pushes nothing and accepts no changes "
      "until it is stopped and `firebreak-controller restore FILE` restores a newer backup, or "
      "`firebreak-controller restore --accept` accepts the loss");
}

absl::Status LostHistory::Flush() {
  std::vector<Found> found;
  {
    absl::MutexLock lock(&mutex_);
    found.swap(unwritten_);
  }
  if (found.empty()) return absl::OkStatus();
  absl::Status status =
      database_.Transact("store a witness", [&](Connection& connection) -> absl::Status {
        for (const Found& one : found) {
          RETURN_IF_ERROR(PutWitness(connection, one.witness));
          RETURN_IF_ERROR(
              AppendAudit(connection, one.witness.at,
                          {.actor = absl::StrCat("host/", one.witness.host),
                           .peer = one.address,
                           .action = "witness",
                           .object = absl::StrCat("host ", one.witness.host),
                           .result = "done",
                           .detail = absl::StrCat("it has revision ", one.witness.revision,
                                                  ", and the newest that the controller "
                                                  "knows is ",
                                                  one.newest, "; pushing has stopped")}));
        }
        return absl::OkStatus();
      });
  if (!status.ok()) {
    absl::MutexLock lock(&mutex_);
    unwritten_.insert(unwritten_.begin(), found.begin(), found.end());
  }
  return status;
}

}  // namespace firebreak::controller
