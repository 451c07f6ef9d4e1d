#ifndef FIREBREAK_CLI_VERBS_LOG_OPTIONS_H_
#define FIREBREAK_CLI_VERBS_LOG_OPTIONS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/verbs/verb.h"
#include "firebreak/v1/log.pb.h"

namespace firebreak::cli {

// What verbs that show a log can be told: which records, how many, and whether to go on.
struct LogOptions {
  v1::LogFilter filter;
  bool follow = false;
  std::optional<uint32_t> last;
  std::string after;
  bool show_cursor = false;
  absl::TimeZone zone = absl::UTCTimeZone();

  // The words that were given, until ResolveLogOptions.
  std::map<v1::LogTerm::Field, std::vector<std::string>> values;
  std::vector<std::string> excluded;  // "FIELD=VALUE"
  std::string since;
  std::string until;
  std::string zone_name = "UTC";

  // How many of those that are there already; 0 is all of a search, none of a follower.
  uint32_t LastOfSearch() const;
  uint32_t LastToFollow() const;
  bool AsksFor(v1::LogTerm::Field field) const { return values.count(field) > 0; }
};

// Add the options to a verb; `options` outlives the parsing. Which records:
void AddLogFilters(Verb verb, LogOptions& options);
// How many, and whether to go on:
void AddLogExtent(Verb verb, LogOptions& options);
// Options of the fleet's log only: --host, --group, --after.
void AddFleetLogOptions(Verb verb, LogOptions& options, bool cursors);

// In the verb's callback: what they mean, or a refusal.
void ResolveLogOptions(LogOptions& options);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_LOG_OPTIONS_H_
