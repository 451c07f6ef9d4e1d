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

void AddLogOptions(CLI::App& verb, LogOptions& options) {
  v1::LogFilter& filter = options.filter;
  verb.add_flag("-f,--follow", options.follow,
                "go on with what comes, until interrupted; json: an object a line");
  verb.add_option_function<std::vector<std::string>>(
          "--action",
          [&filter](const std::vector<std::string>& actions) {
            filter.mutable_actions()->Assign(actions.begin(), actions.end());
          },
          "only these; may be given several times")
      ->type_name("OPEN|OPEN-INBOUND|CLOSE|DROP|INFO-EVENTS-LOST")
      ->allow_extra_args(false);
  verb.add_option("--since", options.since, "from a time on, or so long before now")
      ->type_name("TIME");
  verb.add_option("--until", options.until, "before a time")->type_name("TIME");
  verb.add_option("--address", *filter.mutable_address(), "with this address or prefix")
      ->type_name("ADDRESS");
  verb.add_option_function<uint16_t>(
          "--port", [&filter](uint16_t port) { filter.set_port(port); }, "with this port")
      ->type_name("PORT");
  verb.add_option("--policy", *filter.mutable_policy(), "that this policy decided")
      ->type_name("POLICY");
  verb.add_option("--reason", *filter.mutable_reason(), "dropped for this reason")
      ->type_name("REASON");
  verb.add_option_function<uint32_t>(
          "-n,--last", [&options](uint32_t last) { options.last = last; },
          "only the newest N; 0: all. 100 unless told, 10 with -f, all between times")
      ->type_name("N");
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
