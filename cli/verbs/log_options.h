#ifndef FIREBREAK_CLI_VERBS_LOG_OPTIONS_H_
#define FIREBREAK_CLI_VERBS_LOG_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "cli/verbs/verb.h"
#include "firebreak/v1/log.pb.h"

namespace firebreak::cli {

// What verbs that show a log can be told: which records, how many, and whether to go on.
struct LogOptions {
  v1::LogFilter filter;
  bool follow = false;
  std::optional<uint32_t> last;
  std::string since;
  std::string until;

  // How many of those that are there already; 0 is all of a search, none of a follower.
  uint32_t LastOfSearch() const;
  uint32_t LastToFollow() const;
};

// Adds the options to a verb; `options` outlives the parsing.
void AddLogOptions(Verb verb, LogOptions& options);
// In the verb's callback: what they mean, or a refusal.
void ResolveLogOptions(LogOptions& options);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_LOG_OPTIONS_H_
