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
#include "policy/import/nft_key.h"
#include "policy/import/words.h"
#include "policy/resources/names.h"

namespace firebreak::importer {
namespace {

using policy::Quoted;

constexpr size_t kMostAlternatives = 20'000;

absl::Status CannotSay(absl::string_view why) { return absl::InvalidArgumentError(why); }

uint8_t FlagBits(absl::string_view text) {
  constexpr absl::string_view kNames[] = {"fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr"};
  uint8_t bits = 0;
  for (const absl::string_view word : absl::StrSplit(text, absl::ByAnyChar(",|() "))) {
    for (size_t i = 0; i < std::size(kNames); ++i) {
      if (word == kNames[i]) bits = static_cast<uint8_t>(bits | 1u << i);
    }
  }
  return bits;
}

class RuleReader {
 public:
  RuleReader(const NftTokens& tokens, const NftObjects& objects, bool v4, bool v6,
             std::vector<std::string>& helpers)
      : tokens_(tokens), left_(tokens_), objects_(objects), helpers_(helpers) {
    Match all;
    if (!v4) all.from.v4 = all.to.v4 = IntervalSet();
    if (!v6) all.from.v6 = all.to.v6 = IntervalSet();
    matches_ = {all};
  }

  absl::StatusOr<std::vector<Rule>> Read() {
    while (!left_.empty()) RETURN_IF_ERROR(ReadNext());
    if (rules_.empty()) Add(Verdict::kNone);
    for (Rule& rule : rules_) rule.description = comment_;
    return std::move(rules_);
  }

 private:
  bool Next(const char* mark) const { return !left_.empty() && left_[0].Is(mark); }
  bool Take(const char* mark) {
    if (!Next(mark)) return false;
    left_ = left_.subspan(1);
    return true;
  }
  std::string TakeWord() {
    if (left_.empty()) return "";
    std::string word = left_[0].text;
    left_ = left_.subspan(1);
    return word;
  }

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

  // --- What a rule is about.

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
    ASSIGN_OR_RETURN(const std::vector<NftElement> elements, ReadValues());
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

  static absl::StatusOr<Match> OneKey(const NftKeyWords& key,
                                      const std::vector<NftElement>& elements, bool inverted) {
    std::vector<std::string> values;
    for (const NftElement& element : elements) {
      if (element.key.size() != 1) return CannotSay("the set is of another kind");
      values.push_back(element.key[0]);
    }
    return inverted ? MatchAllBut(key, values) : MatchOf(key, values);
  }

  static absl::StatusOr<Match> Concatenated(const std::vector<NftKeyWords>& keys,
                                            const NftElement& element) {
    if (element.key.size() != keys.size()) return CannotSay("the set is of another kind");
    Match match;
    for (size_t i = 0; i < keys.size(); ++i) {
      ASSIGN_OR_RETURN(const Match one, MatchOf(keys[i], {element.key[i]}));
      const auto both = Intersect(match, one);
      if (both.has_value()) match = *both;
    }
    return match;
  }

  // Ports as in "tcp dport >= 1024".
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

  // The elements of a set in braces, of a named one, or the one or more values that stand there.
  absl::StatusOr<std::vector<NftElement>> ReadValues() {
    if (Next("{")) {
      ASSIGN_OR_RETURN(const auto inside, TakeBraces());
      return ReadElements(inside);
    }
    if (left_.empty()) return CannotSay("the rule is cut off");
    if (absl::StartsWith(left_[0].text, "@") && !left_[0].quoted) return TakeNamedSet();
    std::vector<NftElement> elements;
    do {
      NftElement element;
      element.key.push_back(TakeWord());
      while (Take(".")) element.key.push_back(TakeWord());
      // A range with blanks around its dash.
      if (Next("-")) {
        TakeWord();
        element.key.back() += "-" + TakeWord();
      }
      elements.push_back(std::move(element));
    } while (Take(",") || Take("|"));
    return elements;
  }

  absl::StatusOr<std::vector<NftElement>> TakeNamedSet() {
    const std::string name = TakeWord().substr(1);
    const auto found = objects_.sets.find(name);
    if (found == objects_.sets.end()) return CannotSay(absl::StrCat("there is no set ", name));
    if (found->second.elements.empty() && found->second.dynamic) {
      return CannotSay(
          absl::StrCat("a mapping does not look at what an address did before (set ", name, ")"));
    }
    return found->second.elements;
  }

  absl::StatusOr<std::span<const NftToken>> TakeBraces() {
    size_t depth = 0;
    for (size_t i = 0; i < left_.size(); ++i) {
      if (left_[i].Is("{")) ++depth;
      if (!left_[i].Is("}") || --depth > 0) continue;
      const auto inside = left_.subspan(1, i - 1);
      left_ = left_.subspan(i + 1);
      return inside;
    }
    return CannotSay("a brace does not end");
  }

  absl::Status ReadVerdictMap(const std::vector<NftKeyWords>& keys) {
    ASSIGN_OR_RETURN(const std::vector<NftElement> elements, ReadValues());
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
    constexpr uint8_t kSyn = 2;
    const bool negated = Take("!=");
    const bool exact = Take("==");
    const auto flags = [&] {
      std::string text;
      while (!left_.empty() && (FlagBits(left_[0].text) != 0 || Next("(") || Next(")") ||
                                Next("|") || Next(",") || Next("{") || Next("}") || Next("0x0"))) {
        absl::StrAppend(&text, TakeWord(), " ");
      }
      return text;
    };
    bool fits = false;
    if (Take("&")) {
      const uint8_t mask = FlagBits(flags());
      const bool unequal = Take("!=");
      if (!unequal) Take("==");
      fits = ((kSyn & mask) == FlagBits(flags())) != unequal;
    } else {
      const bool set = Next("{");
      const std::string text = flags();
      const uint8_t bits = FlagBits(text);
      if (Take("/")) {
        fits = ((kSyn & FlagBits(flags())) == bits) != negated;
      } else if (set) {
        const std::vector<std::string> items = absl::StrSplit(text, ',');
        fits = std::any_of(items.begin(), items.end(), [](const std::string& item) {
                 return FlagBits(item) == kSyn;
               }) != negated;
      } else {
        fits = (exact ? bits == kSyn : (kSyn & bits) != 0) != negated;
      }
    }
    Match match;
    match.protocols.reset();
    match.protocols.set(kTcp);
    match.segments = fits ? kLoneSyn : kOtherSegment;
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

  // --- Limits.

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
    Take("rate");
    const bool above = Take("over");
    std::string text = TakeWord();
    // "10 / minute", or "10 mbytes/second".
    if (!absl::StrContains(text, '/') && !left_.empty()) text += TakeWord();
    if (absl::EndsWith(text, "/") && !left_.empty()) text += TakeWord();
    if (absl::StrContains(text, "bytes")) return CannotSay("a mapping counts flows, not bytes");
    ASSIGN_OR_RETURN(Rate rate, ParseRateWord(text));
    rate.above = above;
    rate.per_source = per_source;
    if (Take("burst")) {
      if (!absl::SimpleAtoi(TakeWord(), &rate.burst)) return CannotSay("the burst is no number");
      if (!Take("packets") && Take("bytes")) return CannotSay("a mapping counts flows, not bytes");
    }
    Match match;
    match.rate = rate;
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

  // "meter NAME size N { ip saddr limit rate over 10/minute }", "add @NAME { … }": counted for each
  // source.
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
      const bool port =
          matches_.size() == 1 && matches_[0].ports.intervals().size() == 1 &&
          matches_[0].ports.intervals()[0].first == matches_[0].ports.intervals()[0].last;
      if (!port || !absl::StrContains(text, "dport")) {
        return CannotSay("a limit counts for each source, not for pairs");
      }
    }
    Match match;
    if (v6) {
      match.from.v4 = match.to.v4 = IntervalSet();
    } else {
      match.from.v6 = match.to.v6 = IntervalSet();
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
    // It remembers the address, and decides nothing.
    return absl::OkStatus();
  }

  // --- What a rule does.

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

  // "meta mark set …" and its like. False: it is a match.
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
    if (absl::StartsWith(text, "tcp option") && absl::StrContains(text, " set ")) {
      return CannotSay("a policy does not change options of TCP, such as the segment size (MSS)");
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
        helpers_.push_back(
            absl::StrCat(helper, ":", tcp ? "tcp/" : "udp/", absl::Uint128Low64(ports.first)));
      }
    }
    return true;
  }

  void SkipOptions() {
    // Behind `log`, `counter` and `reject`: words and numbers that decide nothing.
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
      left_ = {};  // a shorter way for what has been let through
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
    if (Take("ip") || Take("ip6")) Take("addr");
    std::string address;
    int port = 0;
    if (Take("to")) {
      std::string to = TakeWord();
      if (Next(":")) {  // "10.0.0.1 : 80"
        TakeWord();
        to += ":" + TakeWord();
      } else if (!left_.empty() && absl::StartsWith(left_[0].text, ":")) {
        to += TakeWord();
      }
      if (!left_.empty() && (Next(".") || absl::StartsWith(to, "@") || Next("map"))) {
        return CannotSay("`forward_to` sends to one address and one port, not by a map");
      }
      std::string port_text;
      if (redirect || absl::StartsWith(to, ":")) {
        port_text = to.substr(absl::StartsWith(to, ":") ? 1 : 0);
      } else if (absl::StartsWith(to, "[")) {
        const size_t end = to.find(']');
        address = to.substr(1, end == std::string::npos ? end : end - 1);
        if (end != std::string::npos && end + 2 < to.size()) port_text = to.substr(end + 2);
      } else if (std::count(to.begin(), to.end(), ':') == 1) {
        address = to.substr(0, to.find(':'));
        port_text = to.substr(to.find(':') + 1);
      } else {
        address = to;
      }
      if (absl::StrContains(address, '-') || absl::StrContains(port_text, '-') ||
          (!port_text.empty() && !absl::SimpleAtoi(port_text, &port))) {
        return CannotSay("`forward_to` sends to one address and one port, not to one of several");
      }
    }
    Add(redirect || address.empty() ? Verdict::kRedirect : Verdict::kSendOn, address, port);
    left_ = {};
    return absl::OkStatus();
  }

  const NftTokens tokens_;
  std::span<const NftToken> left_;
  const NftObjects& objects_;
  std::vector<std::string>& helpers_;
  std::vector<Match> matches_;  // the alternatives of what has been read
  std::vector<Rule> rules_;
  std::string comment_;
};

}  // namespace

absl::StatusOr<std::vector<Rule>> ReadNftRule(const NftTokens& tokens, const NftObjects& objects,
                                              bool v4, bool v6, std::vector<std::string>& helpers) {
  return RuleReader(tokens, objects, v4, v6, helpers).Read();
}

}  // namespace firebreak::importer
