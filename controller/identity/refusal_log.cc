#include "controller/identity/refusal_log.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "controller/event_log.h"
#include "controller/identity/peer_address.h"
#include "proto/time/passed.h"

namespace firebreak::controller {

void RefusalLog::Record(AuditEntry entry, absl::Time now) {
  entry.result = "refused";
  {
    absl::MutexLock lock(&mutex_);
    if (attempts_.empty()) window_begin_ = now;
    // A stranger's object is of his choosing, so it tells no attempts apart.
    Key key(entry.actor, WithoutPort(entry.peer), entry.action, entry.detail);
    if (const auto known = attempts_.find(key); known != attempts_.end()) {
      ++known->second.more;
      return;
    }
    if (attempts_.size() >= kDistinct) {
      ++others_;
      return;
    }
    attempts_.emplace(std::move(key),
                      Attempts{.number = next_number_++, .first = entry, .at = now});
  }
  LogWarning("refused ", entry.action, entry.object.empty() ? "" : " of ", entry.object, " from ",
             entry.peer, entry.actor.empty() ? "" : ", ", entry.actor, ": ", entry.detail);
}

absl::Status RefusalLog::Flush(absl::Time now, bool closing) {
  std::vector<std::pair<absl::Time, AuditEntry>> rows;
  bool ends = false;
  uint64_t before = 0;
  {
    absl::MutexLock lock(&mutex_);
    if (attempts_.empty()) return absl::OkStatus();
    ends = closing || HasPassed(kWindow, window_begin_, now);
    before = next_number_;
    for (const auto& [key, attempts] : attempts_) {
      if (!attempts.written) rows.emplace_back(attempts.at, attempts.first);
      if (ends && attempts.more > 0) {
        rows.emplace_back(now, attempts.first);
        absl::StrAppend(&rows.back().second.detail, " (and ", attempts.more, " more times within ",
                        absl::FormatDuration(kWindow), ")");
      }
    }
    if (ends && others_ > 0) {
      rows.emplace_back(now, AuditEntry{.action = "various",
                                        .result = "refused",
                                        .detail = absl::StrCat(others_, " attempts of others")});
    }
  }
  if (rows.empty() && !ends) return absl::OkStatus();
  absl::Status status = database_.Transact("record refused attempts", [&](Connection& connection) {
    for (const auto& [at, entry] : rows) {
      absl::Status appended = AppendAudit(connection, at, entry);
      if (!appended.ok()) return appended;
    }
    return TrimAudit(connection);
  });
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  if (ends) {
    // Attempts that came during the transaction go uncounted at most: their first is recorded.
    others_ = 0;
    std::erase_if(attempts_, [&](const auto& item) { return item.second.number < before; });
    window_begin_ = now;
  }
  for (auto& [key, attempts] : attempts_) {
    if (attempts.number < before) attempts.written = true;
  }
  return absl::OkStatus();
}

}  // namespace firebreak::controller
