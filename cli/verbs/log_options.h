// SPDX-License-Identifier: Apache-2.0
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

// The options of verbs that show a log: which records, how many, and whether to follow.
struct LogOptions {
  v1::LogFilter filter;
  bool follow = false;
  std::optional<uint32_t> last;
  std::string after;
  bool show_cursor = false;
  bool explain = false;
  absl::TimeZone zone = absl::UTCTimeZone();

  // The words as given on the command line; ResolveLogOptions parses them.
  std::map<v1::LogTerm::Field, std::vector<std::string>> values;
  std::vector<std::string> excluded;  // items of the form "FIELD=VALUE"
  std::string since;
  std::string until;
  std::string zone_name = "UTC";

  // The number of existing records to show: 0 means all for LastOfSearch, and none for
  // LastToFollow.
  uint32_t LastOfSearch() const;
  uint32_t LastToFollow() const;
  bool AsksFor(v1::LogTerm::Field field) const { return values.count(field) > 0; }
};

// Adds the options that select records. `options` must outlive the parsing.
void AddLogFilters(Verb verb, LogOptions& options);
// Adds the options for the number of records, and for following.
void AddLogExtent(Verb verb, LogOptions& options);
// Adds the options of the fleet's log: --host, --group, --after.
void AddFleetLogOptions(Verb verb, LogOptions& options, bool cursors);

// Parses the values of the options. Must be called in the verb's callback; refuses wrong values.
void ResolveLogOptions(LogOptions& options);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_LOG_OPTIONS_H_
