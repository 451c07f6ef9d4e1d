// SPDX-License-Identifier: Apache-2.0
#include "policy/import/nft_rule.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status/status.h"
#include "policy/import/nft_cursor.h"
#include "policy/import/nft_key.h"
#include "policy/import/nft_match.h"
#include "policy/import/words.h"
#include "policy/resources/names.h"

namespace firebreak::importer {
namespace {

using policy::Quoted;

constexpr size_t kMostAlternatives = 20'000;

absl::Status CannotSay(absl::string_view why) { return absl::InvalidArgumentError(why); }

class RuleReader : private NftCursor {
 public:
  RuleReader(const NftTokens& tokens, const NftObjects& objects, bool v4, bool v6,
             std::set<std::string>& helpers)
      : tokens_(tokens), objects_(objects), helpers_(helpers) {
    left_ = tokens_;
    Match all;
    if (!v4) all.DropV4();
    if (!v6) all.DropV6();
    matches_ = {all};
  }

  absl::StatusOr<std::vector<Rule>> Read() {
    while (!left_.empty()) RETURN_IF_ERROR(ReadNext());
    if (rules_.empty()) Add(Verdict::kNone);
    for (Rule& rule : rules_) rule.description = comment_;
    return std::move(rules_);
  }

 private:
  absl::Status ReadNext() {
    if (left_[0].Is("tcp") && left_.size() > 1 && left_[1].Is("flags")) return ReadFlags();
    if (Next("limit")) return ReadLimit(false);
    if (left_[0].Is("ct") && left_.size() > 1 && left_[1].Is("count")) {
      left_ = left_.subspan(2);
      return ReadCount(false);
    }
    if (Next("meter") || Next("add") || Next("update")) return ReadMeter();
    if (left_[0].Is("meta") || left_[0].Is("ct") || left_[0].Is("ip") || left_[0].Is("ip6") ||
        left_[0].Is("tcp")) {
      ASSIGN_OR_RETURN(const bool changed, ReadChange());
      if (changed) return absl::OkStatus();
    }
    if (left_[0].Is("fib")) {
      ASSIGN_OR_RETURN(const bool taken, ReadWayBack());
      if (taken) return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const NftKeyWords key, FindKey(left_));
    if (key.words > 0) return ReadMatch(key);
    return ReadStatement();
  }

  // --- Matches

  absl::Status Narrow(const std::vector<Match>& by) {
    std::vector<Match> narrowed;
    if (matches_.size() * by.size() > kMostAlternatives) {
      return CannotSay("the rule comes to too many combinations");
    }
    for (const Match& match : matches_) {
      for (const Match& other : by) {
        auto both = Intersect(match, other);
        if (!both.has_value()) return CannotSay("a mapping has one limit of a kind");
        narrowed.push_back(*std::move(both));
      }
    }
    matches_ = std::move(narrowed);
    return absl::OkStatus();
  }

  absl::Status ReadMatch(const NftKeyWords& first) {
    std::vector<NftKeyWords> keys = {first};
    left_ = left_.subspan(first.words);
    while (Take(".")) {
      ASSIGN_OR_RETURN(const NftKeyWords key, FindKey(left_));
      if (key.words == 0) return CannotSay("the rule looks at what no mapping looks at");
      keys.push_back(key);
      left_ = left_.subspan(key.words);
    }
    if (Take("vmap")) return ReadVerdictMap(keys);
    const bool inverted = Take("!=");
    if (!inverted) Take("==");
    if (Next("<") || Next(">") || Next("<=") || Next(">=") || Next("&")) {
      return ReadComparison(keys, inverted);
    }
    ASSIGN_OR_RETURN(const std::vector<NftElement> elements, TakeValues(objects_));
    if (keys.size() > 1 && inverted) return CannotSay("all but some pairs are more than a mapping");
    if (keys.size() == 1) {
      ASSIGN_OR_RETURN(const Match match, OneKey(keys[0], elements, inverted));
      return Narrow({match});
    }
    std::vector<Match> alternatives;
    for (const NftElement& element : elements) {
      ASSIGN_OR_RETURN(Match match, Concatenated(keys, element));
      alternatives.push_back(std::move(match));
    }
    return Narrow(alternatives);
  }

  // Reads a comparison of ports, such as "tcp dport >= 1024".
  absl::Status ReadComparison(const std::vector<NftKeyWords>& keys, bool inverted) {
    const std::string sign = TakeWord();
    uint32_t number = 0;
    if (keys.size() != 1 || inverted || sign == "&" || !absl::SimpleAtoi(TakeWord(), &number) ||
        number > 65535) {
      return CannotSay("the rule compares what a mapping does not compare");
    }
    std::string range;
    if (sign == "<") range = absl::StrCat("0-", number == 0 ? 0 : number - 1);
    if (sign == "<=") range = absl::StrCat("0-", number);
    if (sign == ">") range = absl::StrCat(std::min(number + 1, 65535u), "-65535");
    if (sign == ">=") range = absl::StrCat(number, "-65535");
    ASSIGN_OR_RETURN(const Match match, MatchOf(keys[0], {range}));
    return Narrow({match});
  }

  absl::Status ReadVerdictMap(const std::vector<NftKeyWords>& keys) {
    ASSIGN_OR_RETURN(const std::vector<NftElement> elements, TakeValues(objects_));
    const std::vector<Match> before = matches_;
    for (const NftElement& element : elements) {
      matches_ = before;
      const bool any = element.key.size() == 1 && element.key[0] == "*";
      if (!any) {
        ASSIGN_OR_RETURN(const Match match, Concatenated(keys, element));
        RETURN_IF_ERROR(Narrow({match}));
      }
      const auto rest = std::exchange(left_, std::span<const NftToken>(element.data));
      absl::Status status = ReadStatement();
      left_ = rest;
      RETURN_IF_ERROR(status);
    }
    matches_ = before;
    return absl::OkStatus();
  }

  absl::Status ReadFlags() {
    left_ = left_.subspan(2);
    Match match;
    match.protocols.reset();
    match.protocols.set(kTcp);
    match.segments = FitsLoneSyn(*this) ? kLoneSyn : kOtherSegment;
    Normalise(match);
    return Narrow({match});
  }

  absl::StatusOr<bool> ReadWayBack() {
    const std::string text = TextOf(NftTokens(left_.begin(), left_.end()));
    if (absl::StartsWith(text, "fib saddr type"))
      return CannotSay(
          "a packet with such a source is dropped as forged where it is the host's own; others are "
          "not looked at");
    return false;
  }

  // --- Limits

  absl::Status ReadLimit(bool per_source) {
    left_ = left_.subspan(1);
    if (Take("name")) {
      const auto found = objects_.limits.find(TakeWord());
      if (found == objects_.limits.end()) return CannotSay("there is no such limit");
      const auto rest = std::exchange(left_, std::span<const NftToken>(found->second));
      const absl::Status status = ReadRate(per_source);
      left_ = rest;
      return status;
    }
    return ReadRate(per_source);
  }

  absl::Status ReadRate(bool per_source) {
    Match match;
    ASSIGN_OR_RETURN(match.rate, TakeNftRate(*this));
    match.rate->per_source = per_source;
    return Narrow({match});
  }

  absl::Status ReadCount(bool per_source) {
    Flows flows = {.per_source = per_source};
    flows.above = Take("over");
    if (!absl::SimpleAtoi(TakeWord(), &flows.most)) return CannotSay("the count is no number");
    Match match;
    match.flows = flows;
    return Narrow({match});
  }

  // Reads "meter NAME size N { ip saddr limit rate over 10/minute }" or "add @NAME { … }": a limit
  // for each source.
  absl::Status ReadMeter() {
    while (!left_.empty() && !Next("{")) TakeWord();
    if (left_.empty()) return CannotSay("the rule is cut off");
    ASSIGN_OR_RETURN(const auto inside, TakeBraces());
    const auto rest = std::exchange(left_, inside);
    const absl::Status status = ReadMeterInside();
    left_ = rest;
    return status;
  }

  absl::Status ReadMeterInside() {
    const std::string text = TextOf(NftTokens(left_.begin(), left_.end()));
    const bool v6 = absl::StartsWith(text, "ip6 saddr");
    if (!v6 && !absl::StartsWith(text, "ip saddr")) {
      return CannotSay("a limit counts for each source, not for anything else");
    }
    if (absl::StrContains(text, " . ")) {
      const bool port = matches_.size() == 1 && matches_[0].ports.IsOneNumber();
      if (!port || !absl::StrContains(text, "dport")) {
        return CannotSay("a limit counts for each source, not for pairs");
      }
    }
    Match match;
    if (v6) {
      match.DropV4();
    } else {
      match.DropV6();
    }
    RETURN_IF_ERROR(Narrow({match}));
    while (!left_.empty()) {
      if (Next("limit")) return ReadLimit(true);
      if (left_[0].Is("ct") && left_.size() > 1 && left_[1].Is("count")) {
        left_ = left_.subspan(2);
        return ReadCount(true);
      }
      TakeWord();
    }
    // Without a limit the statement only remembers the address; it decides nothing.
    return absl::OkStatus();
  }

  // --- Statements

  void Add(Verdict verdict, std::string target = "", int port = 0) {
    for (const Match& match : matches_) {
      Rule rule;
      rule.match = match;
      rule.verdict = verdict;
      rule.target = target;
      rule.port = port;
      if (verdict == Verdict::kLog && rule.match.rate.has_value()) {
        rule.log_rate = *std::exchange(rule.match.rate, std::nullopt);
        rule.log_limited = true;
      }
      rules_.push_back(std::move(rule));
    }
  }

  // Reads "meta mark set …" and similar statements. Returns false if the tokens are a match.
  absl::StatusOr<bool> ReadChange() {
    const std::string text = TextOf(NftTokens(left_.begin(), left_.end()));
    if (absl::StartsWith(text, "meta nftrace set")) {
      left_ = left_.subspan(4);
      return true;
    }
    if (absl::StartsWith(text, "ct helper set")) {
      left_ = left_.subspan(3);
      const auto found = objects_.helpers.find(TakeWord());
      if (found == objects_.helpers.end()) return CannotSay("there is no such helper");
      return AddHelper(found->second);
    }
    if (absl::StartsWith(text, "tcp option maxseg size set rt mtu")) {
      left_ = left_.subspan(7);
      Add(Verdict::kNone);
      for (Rule& rule : rules_) rule.clamps = true;
      return true;
    }
    if (absl::StartsWith(text, "tcp option") && absl::StrContains(text, " set ")) {
      return CannotSay(
          "a policy changes no options of TCP but the segment size (MSS), to what the path takes");
    }
    const std::vector<std::string> words = absl::StrSplit(text, ' ');
    if (words.size() > 2 && words[2] == "set") {
      return CannotSay("a policy marks and changes no packets");
    }
    return false;
  }

  absl::StatusOr<bool> AddHelper(const std::string& helper) {
    for (const Match& match : matches_) {
      for (const Interval& ports : match.ports.intervals()) {
        if (ports.first != ports.last) return CannotSay("a helper is for single ports");
        const bool tcp = match.protocols.test(kTcp);
        helpers_.insert(
            absl::StrCat(helper, ":", tcp ? "tcp/" : "udp/", absl::Uint128Low64(ports.first)));
      }
    }
    return true;
  }

  void SkipOptions() {
    // Options of `log`, `counter` and `reject` that decide nothing.
    static constexpr const char* kOptions[] = {"prefix",  "level",           "group",
                                               "snaplen", "queue-threshold", "flags",
                                               "packets", "bytes",           "name"};
    while (!left_.empty() && std::any_of(std::begin(kOptions), std::end(kOptions),
                                         [&](const char* option) { return Next(option); })) {
      TakeWord();
      TakeWord();
      while (Take(",")) TakeWord();
      if (Next("options") || Next("sequence")) TakeWord();
    }
  }

  absl::Status ReadStatement() {
    if (left_.empty()) return absl::OkStatus();
    const NftToken token = left_[0];
    const std::string word = TakeWord();
    const auto add = [&](Verdict verdict) {
      Add(verdict);
      return absl::OkStatus();
    };
    if (word == "accept") return add(Verdict::kAccept);
    if (word == "drop") return add(Verdict::kDrop);
    if (word == "return") return add(Verdict::kReturn);
    if (word == "continue") return absl::OkStatus();
    if (word == "reject") {
      Add(Verdict::kReject);
      if (Take("with")) left_ = {};
      return absl::OkStatus();
    }
    if (word == "jump" || word == "goto") {
      Add(word == "jump" ? Verdict::kJump : Verdict::kGoto, TakeWord());
      return absl::OkStatus();
    }
    if (word == "log") {
      Add(Verdict::kLog);
      SkipOptions();
      return absl::OkStatus();
    }
    if (word == "counter") {
      if (!left_.empty() && left_[0].quoted) TakeWord();
      SkipOptions();
      return absl::OkStatus();
    }
    if (word == "comment") {
      comment_ = TakeWord();
      return absl::OkStatus();
    }
    if (word == "masquerade") {
      Add(Verdict::kMasquerade);
      left_ = {};
      return absl::OkStatus();
    }
    if (word == "redirect" || word == "dnat") return ReadDestination(word == "redirect");
    if (word == "snat") {
      return CannotSay(
          "`sharing` gives what leaves the address of the interface; a certain one cannot be said");
    }
    if (word == "flow" || word == "offload") {
      left_ = {};  // a fast path for packets that were accepted
      return absl::OkStatus();
    }
    if (word == "notrack") return CannotSay("Firebreak tracks all flows");
    if (word == "queue") return CannotSay("a policy hands packets to no program");
    if (word == "synproxy") {
      return CannotSay("write `handshake: proxy` into the mapping of the port");
    }
    if (word == "xt") {
      return CannotSay("this is a rule of iptables: use `firebreak import iptables`");
    }
    return CannotSay(absl::StrCat("unknown word ", Quoted(token.text)));
  }

  absl::Status ReadDestination(bool redirect) {
    std::string address;
    int port = 0;
    RETURN_IF_ERROR(TakeNftDestination(redirect, *this, address, port));
    Add(redirect || address.empty() ? Verdict::kRedirect : Verdict::kSendOn, address, port);
    left_ = {};
    return absl::OkStatus();
  }

  const NftTokens tokens_;
  const NftObjects& objects_;
  std::set<std::string>& helpers_;
  std::vector<Match> matches_;  // the alternatives read so far
  std::vector<Rule> rules_;
  std::string comment_;
};

}  // namespace

absl::StatusOr<std::vector<Rule>> ReadNftRule(const NftTokens& tokens, const NftObjects& objects,
                                              bool v4, bool v6, std::set<std::string>& helpers) {
  return RuleReader(tokens, objects, v4, v6, helpers).Read();
}

}  // namespace firebreak::importer
