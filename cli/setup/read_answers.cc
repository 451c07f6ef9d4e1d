// SPDX-License-Identifier: Apache-2.0

// Parses the answers of `firebreak setup`, from a file or typed.

#include <exception>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status/status.h"
#include "cli/setup/setup.h"
#include "policy/resources/prefix.h"
#include "yaml-cpp/yaml.h"

namespace firebreak::cli {
namespace {

constexpr char kNobody[] = "nobody";
constexpr char kAnybody[] = "anybody";

absl::Status Take(const std::string& key, const YAML::Node& value, const SetupFacts& facts,
                  SetupAnswers& answers) {
  if (key == "connection") {
    const auto attachment = ParseAttachment(value.as<std::string>());
    if (!attachment.has_value()) {
      return absl::InvalidArgumentError("connection: internet, router, shares, laptop or server");
    }
    answers.attachment = *attachment;
    ProposeServices(facts, answers);
  } else if (key == "public") {
    answers.public_interface = value.as<std::string>();
  } else if (key == "private") {
    answers.private_interfaces = value.as<std::vector<std::string>>();
  } else if (key == "ping") {
    answers.ping = value.as<bool>();
  } else if (key == "import") {
    const std::set<std::string> importable = ImportableIn(facts);
    for (const std::string& firewall : value.as<std::vector<std::string>>()) {
      if (!importable.contains(firewall)) {
        return absl::InvalidArgumentError(
            absl::StrCat("import: there is no ", firewall, " here whose rules can be read"));
      }
      answers.imports.insert(firewall);
    }
  } else if (key == "open") {
    if (!value.IsMap() && !value.IsNull()) {
      return absl::InvalidArgumentError(
          "open: who may come in, service by service, such as {tcp/22: 10.0.0.0/8, tcp/80: "
          "anybody}");
    }
    answers.open.clear();
    for (const auto& entry : value) {
      const std::string text = entry.second.IsSequence()
                                   ? absl::StrJoin(entry.second.as<std::vector<std::string>>(), ",")
                                   : entry.second.as<std::string>();
      ASSIGN_OR_RETURN(auto who, ParseWho(text));
      if (who.has_value()) answers.open[entry.first.as<std::string>()] = *std::move(who);
    }
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat(key,
                     ": there is no such answer; connection, public, private, open, ping and "
                     "import are"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SetupAnswers> ReadAnswers(const std::string& text, const SetupFacts& facts) {
  SetupAnswers answers = Propose(facts);
  try {
    const YAML::Node file = YAML::Load(text);
    if (!file.IsMap()) return absl::InvalidArgumentError("the answers are no map");
    // `connection` is read first, wherever it is in the file, because other answers depend on it.
    if (file["connection"]) {
      RETURN_IF_ERROR(Take("connection", file["connection"], facts, answers));
    }
    for (const auto& entry : file) {
      const std::string key = entry.first.as<std::string>();
      if (key == "connection") continue;
      RETURN_IF_ERROR(Take(key, entry.second, facts, answers));
    }
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("the answers cannot be read: ", error.what()));
  }
  return answers;
}

absl::StatusOr<std::optional<std::vector<std::string>>> ParseWho(absl::string_view text) {
  using Who = std::optional<std::vector<std::string>>;
  const absl::string_view who = absl::StripAsciiWhitespace(text);
  if (who == kNobody) return Who();
  std::vector<std::string> prefixes;
  if (who == kAnybody) return Who(prefixes);
  for (absl::string_view part : absl::StrSplit(who, absl::ByAnyChar(", "), absl::SkipEmpty())) {
    RETURN_IF_ERROR(policy::ParsePrefix(part).status());
    prefixes.emplace_back(part);
  }
  if (prefixes.empty()) {
    return absl::InvalidArgumentError("nobody, anybody, or networks such as 10.0.0.0/8");
  }
  return Who(std::move(prefixes));
}

std::string WhoText(const SetupAnswers& answers, const std::string& traffic) {
  const auto open = answers.open.find(traffic);
  if (open == answers.open.end()) return kNobody;
  return open->second.empty() ? kAnybody : absl::StrJoin(open->second, ", ");
}

}  // namespace firebreak::cli
