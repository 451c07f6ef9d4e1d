// SPDX-License-Identifier: Apache-2.0
#include "policy/import/iptables_rule.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "policy/import/iptables_match.h"
#include "policy/resources/names.h"

namespace firebreak::importer {
namespace {

using policy::Quoted;

// Targets that do not affect whether a packet passes.
constexpr absl::string_view kHarmless[] = {"TRACE", "CHECKSUM", "AUDIT"};
// Targets that a policy cannot express.
constexpr absl::string_view kUnsayable[] = {
    "MARK",   "CONNMARK", "CLASSIFY", "TOS",       "DSCP",     "TTL",     "HL",       "TCPMSS",
    "TPROXY", "NETMAP",   "NFQUEUE",  "QUEUE",     "SET",      "NOTRACK", "CT",       "SECMARK",
    "SNPT",   "DNPT",     "ECN",      "IDLETIMER", "SYNPROXY", "TARPIT",  "CLUSTERIP"};

std::string WhyNot(absl::string_view target) {
  if (target == "SYNPROXY") return "write `handshake: proxy` into the mapping of the port";
  if (target == "TCPMSS") return "`clamp_mss` of `sharing` takes the segment size from the path";
  if (target == "NOTRACK") return "Firebreak tracks all flows";
  if (target == "CT") return "a policy has `helpers` of their own ports, and no zones";
  if (target == "NFQUEUE" || target == "QUEUE") return "a policy hands packets to no program";
  return absl::StrCat("a policy does not do ", target, ", which marks or changes packets");
}

class RuleReader {
 public:
  RuleReader(std::span<const std::string> words, bool v6, std::vector<std::string>& notes)
      : words_(words), match_(v6, notes) {}

  absl::StatusOr<std::vector<Rule>> Read() {
    while (!words_.empty()) {
      if (words_[0] == "-j" || words_[0] == "-g" || words_[0] == "--jump" ||
          words_[0] == "--goto") {
        if (words_.size() < 2) return absl::InvalidArgumentError("the rule is cut off behind -j");
        go_to_ = words_[0] == "-g" || words_[0] == "--goto";
        target_ = words_[1];
        words_ = words_.subspan(2);
        RETURN_IF_ERROR(TakeTarget());
        continue;
      }
      ASSIGN_OR_RETURN(const size_t used, match_.Take(words_));
      if (used == 0)
        return absl::InvalidArgumentError(absl::StrCat("unknown option ", Quoted(words_[0])));
      words_ = words_.subspan(used);
    }
    ASSIGN_OR_RETURN(std::vector<Match> matches, match_.Finish());
    rule_.description = match_.comment();
    std::vector<Rule> rules;
    for (Match& match : matches) {
      rules.push_back(rule_);
      if (rule_.verdict == Verdict::kLog && match.rate.has_value()) {
        rules.back().log_rate = *std::exchange(match.rate, std::nullopt);
        rules.back().log_limited = true;
      }
      rules.back().match = std::move(match);
    }
    return rules;
  }

 private:
  absl::Status TakeTarget() {
    if (go_to_) return Lead(Verdict::kGoto);
    if (target_ == "ACCEPT") return Lead(Verdict::kAccept);
    if (target_ == "DROP") return Lead(Verdict::kDrop);
    if (target_ == "RETURN") return Lead(Verdict::kReturn);
    if (target_ == "REJECT") return Lead(Verdict::kReject);
    if (target_ == "LOG" || target_ == "NFLOG" || target_ == "ULOG") return Lead(Verdict::kLog);
    if (target_ == "MASQUERADE") return Lead(Verdict::kMasquerade);
    if (target_ == "REDIRECT" || target_ == "DNAT") return TakeDestination();
    if (target_ == "TCPMSS" && !words_.empty() && words_[0] == "--clamp-mss-to-pmtu") {
      words_ = words_.subspan(1);
      rule_.clamps = true;
      return Lead(Verdict::kNone);
    }
    if (target_ == "SNAT") {
      return absl::InvalidArgumentError(
          "`sharing` gives what leaves the address of the interface; a certain one cannot be said");
    }
    const auto is = [&](absl::string_view name) { return name == target_; };
    if (std::any_of(std::begin(kHarmless), std::end(kHarmless), is)) return Lead(Verdict::kNone);
    if (std::any_of(std::begin(kUnsayable), std::end(kUnsayable), is)) {
      return absl::InvalidArgumentError(WhyNot(target_));
    }
    return Lead(Verdict::kJump);
  }

  // Sets the verdict and skips the target's options that do not matter.
  absl::Status Lead(Verdict verdict) {
    rule_.verdict = verdict;
    if (verdict == Verdict::kJump || verdict == Verdict::kGoto) rule_.target = target_;
    constexpr absl::string_view kFlags[] = {
        "--random",          "--random-fully",   "--persistent", "--log-tcp-sequence",
        "--log-tcp-options", "--log-ip-options", "--log-uid",    "--checksum-fill"};
    while (!words_.empty()) {
      const absl::string_view word = words_[0];
      if (std::find(std::begin(kFlags), std::end(kFlags), word) != std::end(kFlags)) {
        words_ = words_.subspan(1);
      } else if (word == "--reject-with" || absl::StartsWith(word, "--log-") ||
                 absl::StartsWith(word, "--nflog-") || absl::StartsWith(word, "--ulog-") ||
                 word == "--type") {
        if (words_.size() < 2) return absl::InvalidArgumentError("the rule is cut off");
        words_ = words_.subspan(2);
      } else {
        break;
      }
    }
    return absl::OkStatus();
  }

  absl::Status TakeDestination() {
    std::string to;
    while (!words_.empty() && absl::StartsWith(words_[0], "--")) {
      if (words_[0] == "--to-ports" || words_[0] == "--to-destination") {
        if (words_.size() < 2) return absl::InvalidArgumentError("the rule is cut off");
        to = words_[1];
        words_ = words_.subspan(2);
      } else if (words_[0] == "--random" || words_[0] == "--persistent") {
        words_ = words_.subspan(1);
      } else {
        break;
      }
    }
    return SendTo(target_ == "REDIRECT", to, rule_);
  }

  static absl::Status SendTo(bool redirect, absl::string_view to, Rule& rule) {
    absl::string_view address = redirect ? "" : to, port = redirect ? to : "";
    if (!redirect) {
      const size_t end = to.rfind(']');
      const size_t colon = end == absl::string_view::npos ? to.rfind(':') : to.find(':', end);
      const bool plain6 =
          end == absl::string_view::npos && std::count(to.begin(), to.end(), ':') > 1;
      if (colon != absl::string_view::npos && !plain6) {
        address = to.substr(0, colon);
        port = to.substr(colon + 1);
      }
      if (absl::StartsWith(address, "[")) address = address.substr(1, address.size() - 2);
    }
    if (absl::StrContains(address, '-') || absl::StrContains(port, '-')) {
      return absl::InvalidArgumentError(
          "`forward_to` sends to one address and one port, not to one of several");
    }
    if (!port.empty() && !absl::SimpleAtoi(port, &rule.port)) {
      return absl::InvalidArgumentError(absl::StrCat(Quoted(port), " is no port"));
    }
    rule.verdict = address.empty() ? Verdict::kRedirect : Verdict::kSendOn;
    rule.target = std::string(address);
    return absl::OkStatus();
  }

  std::span<const std::string> words_;
  IptablesMatch match_;
  std::string target_;
  bool go_to_ = false;
  Rule rule_;
};

}  // namespace

absl::StatusOr<std::vector<Rule>> ReadIptablesRule(std::span<const std::string> words, bool v6,
                                                   std::vector<std::string>& notes) {
  return RuleReader(words, v6, notes).Read();
}

}  // namespace firebreak::importer
