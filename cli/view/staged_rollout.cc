// SPDX-License-Identifier: Apache-2.0
#include "cli/view/staged_rollout.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "base/text/escape.h"
#include "cli/output/colour.h"
#include "cli/output/table.h"

namespace firebreak::cli {
namespace {

using State = v1::StagedRollout::State;

constexpr int kFailedNamed = 10;

Colour StateColour(State state) {
  switch (state) {
    case v1::StagedRollout::complete: return Colour::kGreen;
    case v1::StagedRollout::halted:
    case v1::StagedRollout::undoing:
    case v1::StagedRollout::undone: return Colour::kRed;
    case v1::StagedRollout::superseded:
    case v1::StagedRollout::paused: return Colour::kYellow;
    default: return Colour::kNone;
  }
}

// Returns the number of the wave under way, counted from 1; the last wave's once the rollout is
// complete.
int WaveNumber(const v1::StagedRollout& rollout) {
  int number = 1;
  for (const uint64_t end : rollout.wave_ends()) {
    if (rollout.reached() <= end) break;
    ++number;
  }
  return std::min(number, rollout.wave_ends_size());
}

uint64_t HostCount(const v1::StagedRollout& rollout) {
  return rollout.wave_ends().empty() ? 0 : *rollout.wave_ends().rbegin();
}

std::string NextStep(State state) {
  switch (state) {
    case v1::StagedRollout::running:
    case v1::StagedRollout::soaking:
      return "firebreak rollout watch | pause | promote (do not wait for the soak time) | undo";
    case v1::StagedRollout::paused: return "firebreak rollout resume | promote | undo";
    case v1::StagedRollout::halted:
      return "firebreak rollout undo, or firebreak rollout promote to continue nevertheless";
    default: return "";
  }
}

}  // namespace

std::string StagedRolloutLine(const v1::StagedRollout& rollout) {
  return absl::StrCat("revision ", rollout.revision(), ": wave ", WaveNumber(rollout), " of ",
                      rollout.wave_ends_size(), ", ", rollout.reached(), " of ", HostCount(rollout),
                      " hosts reached, ", v1::StagedRollout::State_Name(rollout.state()),
                      rollout.waiting_for().empty() ? "" : "; waits for ",
                      Escape(rollout.waiting_for()));
}

std::string WavesLine(const v1::StagedRollout& rollout) {
  const int count = rollout.waves_size();
  return absl::StrCat("the change goes out in ", count, count == 1 ? " wave" : " waves", " of ",
                      absl::StrJoin(rollout.waves(), ", ",
                                    [](std::string* out, const v1::StagedWave& wave) {
                                      absl::StrAppend(out, wave.hosts());
                                    }),
                      " hosts; follow it with `firebreak rollout watch`\n");
}

std::string StagedRolloutPage(const v1::StagedRollout& rollout, bool colours) {
  const State state = rollout.state();
  std::string text = absl::StrCat(
      "revision  ", rollout.revision(), " in place of ", rollout.from(), ", by ",
      Escape(rollout.author()), "\nstate     ",
      Paint(v1::StagedRollout::State_Name(state), StateColour(state), colours),
      rollout.reason().empty() ? "" : absl::StrCat(": ", Escape(rollout.reason())), "\n");
  if (!rollout.waiting_for().empty()) {
    absl::StrAppend(&text, "waits for ", Escape(rollout.waiting_for()), "\n");
  }
  if (!rollout.strategy().name().empty()) {
    absl::StrAppend(&text, "strategy  ", Escape(rollout.strategy().name()), "\n");
  }
  if (!rollout.failed().empty()) {
    const int named = std::min(rollout.failed_size(), kFailedNamed);
    absl::StrAppend(
        &text, "failed    ",
        Escape(absl::StrJoin(rollout.failed().begin(), rollout.failed().begin() + named, ", ")),
        named < rollout.failed_size() ? ", …" : "", "\n");
  }
  Table table({"WAVE", "HOSTS", "REACHED", "APPLIED", "WAITING", "FAILED", "OFFLINE", "WHO"});
  int number = 0;
  for (const v1::StagedWave& wave : rollout.waves()) {
    std::string who = absl::StrJoin(wave.names(), ", ");
    if (static_cast<uint64_t>(wave.names_size()) < wave.hosts()) absl::StrAppend(&who, ", …");
    table.AddRow({absl::StrCat(++number), absl::StrCat(wave.hosts()), absl::StrCat(wave.reached()),
                  absl::StrCat(wave.applied()), absl::StrCat(wave.waiting()),
                  absl::StrCat(wave.failed()), absl::StrCat(wave.offline()), who});
  }
  absl::StrAppend(&text, "\n", table.Text(colours));
  if (const std::string next = NextStep(state); !next.empty()) {
    absl::StrAppend(&text, "\nnext: ", next, "\n");
  }
  return text;
}

std::string StagedRolloutList(const google::protobuf::RepeatedPtrField<v1::StagedRollout>& rollouts,
                              bool colours) {
  Table table({"REVISION", "BEGAN (UTC)", "BY", "STRATEGY", "WAVES", "REACHED", "STATE", "WHY"});
  for (const v1::StagedRollout& rollout : rollouts) {
    table.AddRow(
        {absl::StrCat(rollout.revision()),
         absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(rollout.began_at().seconds()),
                          absl::UTCTimeZone()),
         rollout.author(), rollout.strategy().name(), absl::StrCat(rollout.wave_ends_size()),
         absl::StrCat(rollout.reached(), " of ", HostCount(rollout)),
         v1::StagedRollout::State_Name(rollout.state()), rollout.reason()});
  }
  return table.Text(colours);
}

bool IsSettled(const v1::StagedRollout& rollout) {
  switch (rollout.state()) {
    case v1::StagedRollout::paused:
    case v1::StagedRollout::halted:
    case v1::StagedRollout::undone:
    case v1::StagedRollout::superseded:
    case v1::StagedRollout::complete: return true;
    default: return false;
  }
}

absl::Status StagedRolloutOutcome(const v1::StagedRollout& rollout) {
  if (rollout.state() == v1::StagedRollout::complete) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat("revision ", rollout.revision(), " is not in force everywhere: its rollout is ",
                   v1::StagedRollout::State_Name(rollout.state()),
                   rollout.reason().empty() ? "" : absl::StrCat(": ", Escape(rollout.reason())),
                   "\nsee `firebreak rollout status`"));
}

}  // namespace firebreak::cli
