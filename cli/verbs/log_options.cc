#include "cli/verbs/log_options.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/time/timestamp.h"
#include "cli/input/since.h"
#include "cli/verbs/arguments.h"
#include "proto/log/words.h"

namespace firebreak::cli {
namespace {

constexpr uint32_t kFollowedAtFirst = 10;
constexpr uint32_t kFoundUnlessTold = 100;

void SetTime(const std::string& name, const std::string& text, google::protobuf::Timestamp* time) {
  const auto since = ParseSince(text, absl::Now());
  if (!since.ok()) RefuseUsage(name, since.status().message());
  *time = ToTimestamp(*since);
}

}  // namespace

uint32_t LogOptions::LastOfSearch() const {
  return last.value_or(filter.has_since() || filter.has_until() ? 0 : kFoundUnlessTold);
}

uint32_t LogOptions::LastToFollow() const { return last.value_or(kFollowedAtFirst); }

void AddLogOptions(Verb verb, LogOptions& options) {
  v1::LogFilter& filter = options.filter;
  verb.AddFlag("-f,--follow", options.follow,
               "go on with what comes, until interrupted; json: an object a line");
  verb.AddList(
          "--action",
          [&filter](const std::vector<std::string>& actions) {
            filter.mutable_actions()->Assign(actions.begin(), actions.end());
          },
          "only these; may be given several times")
      .Type("OPEN|OPEN-INBOUND|CLOSE|DROP|INFO-EVENTS-LOST")
      .OneAtATime();
  verb.Add("--since", options.since, "from a time on, or so long before now").Type("TIME");
  verb.Add("--until", options.until, "before a time").Type("TIME");
  verb.Add("--address", *filter.mutable_address(), "with this address or prefix").Type("ADDRESS");
  verb.AddNumber(
          "--port", [&filter](uint32_t port) { filter.set_port(port); }, 0, 65535, "with this port")
      .Type("PORT");
  verb.Add("--policy", *filter.mutable_policy(), "that this policy decided").Type("POLICY");
  verb.Add("--reason", *filter.mutable_reason(), "dropped for this reason").Type("REASON");
  verb.AddNumber(
          "-n,--last", [&options](uint32_t last) { options.last = last; }, 0, UINT32_MAX,
          "only the newest N; 0: all. 100 unless told, 10 with -f, all between times")
      .Type("N");
}

void ResolveLogOptions(LogOptions& options) {
  for (std::string& action : *options.filter.mutable_actions()) {
    absl::AsciiStrToUpper(&action);
    Action known;
    if (!ParseAction(action, known)) {
      RefuseUsage("--action", absl::StrCat("'", action,
                                           "' is not OPEN, OPEN-INBOUND, CLOSE, DROP or "
                                           "INFO-EVENTS-LOST"));
    }
  }
  if (!options.since.empty()) SetTime("--since", options.since, options.filter.mutable_since());
  if (!options.until.empty()) SetTime("--until", options.until, options.filter.mutable_until());
}

}  // namespace firebreak::cli
