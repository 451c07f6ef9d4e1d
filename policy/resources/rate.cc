// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/rate.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "policy/resources/names.h"

namespace firebreak::policy {
namespace {

constexpr uint64_t kMostCount = 1'000'000;

struct Unit {
  absl::string_view name;
  uint64_t seconds;
};
constexpr Unit kUnits[] = {{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}};

}  // namespace

absl::StatusOr<Rate> ParseRate(absl::string_view text) {
  const size_t slash = text.find('/');
  const absl::string_view count = absl::StripAsciiWhitespace(text.substr(0, slash));
  const absl::string_view unit =
      slash == absl::string_view::npos ? "" : absl::StripAsciiWhitespace(text.substr(slash + 1));
  Rate rate;
  for (const Unit& known : kUnits) {
    if (!unit.empty() && absl::StartsWith(known.name, unit)) rate.seconds = known.seconds;
  }
  const bool digits = !count.empty() && absl::ascii_isdigit(static_cast<unsigned char>(count[0]));
  if (rate.seconds == 0 || !digits || !absl::SimpleAtoi(count, &rate.count)) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(text),
                     " is not a rate, such as \"10/minute\": so many a second, "
                     "minute, hour or day"));
  }
  if (rate.count < 1 || rate.count > kMostCount) {
    return absl::InvalidArgumentError(
        absl::StrCat("the rate ", Quoted(text), " is out of range: it goes from 1 to ", kMostCount,
                     " in its time; for nothing at all write a mapping that blocks"));
  }
  return rate;
}

std::string RateText(const Rate& rate) {
  for (const Unit& known : kUnits) {
    if (known.seconds == rate.seconds) return absl::StrCat(rate.count, "/", known.name);
  }
  return absl::StrCat(rate.count, " in ", rate.seconds, " s");
}

}  // namespace firebreak::policy
