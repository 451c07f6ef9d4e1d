// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/interview.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status/status.h"
#include "base/text/escape.h"
#include "base/text/utf8.h"

namespace firebreak::cli {
namespace {

constexpr size_t kMaxLine = 4096;

// Whether it can stand in a file: keys such as arrows send what is no text.
bool IsText(const std::string& line) {
  return FindInvalidUtf8(line) == absl::string_view::npos &&
         std::none_of(line.begin(), line.end(),
                      [](unsigned char c) { return absl::ascii_iscntrl(c); });
}

absl::Status AskAttachment(Person& person, const SetupFacts& facts, SetupAnswers& answers) {
  person.Say("How is this host connected?");
  for (const Attachment one : {Attachment::kInternet, Attachment::kRouter, Attachment::kShares,
                               Attachment::kLaptop, Attachment::kServer}) {
    person.Say(absl::StrCat("  ", AttachmentName(one), ": ", DescribeAttachment(one)));
  }
  std::optional<Attachment> attachment;
  while (!attachment.has_value()) {
    ASSIGN_OR_RETURN(const std::string line,
                     person.Answer("Which?", AttachmentName(answers.attachment)));
    attachment = ParseAttachment(line);
  }
  if (*attachment != answers.attachment) {
    answers.attachment = *attachment;
    ProposeServices(facts, answers);
  }
  if (*attachment != Attachment::kShares) return absl::OkStatus();
  ASSIGN_OR_RETURN(answers.public_interface, person.Answer("Which interface leads to the Internet?",
                                                           answers.public_interface));
  ASSIGN_OR_RETURN(const std::string inside,
                   person.Answer("Which lead to the other machines?",
                                 absl::StrJoin(answers.private_interfaces, ", ")));
  answers.private_interfaces = absl::StrSplit(inside, absl::ByAnyChar(", "), absl::SkipEmpty());
  return absl::OkStatus();
}

absl::Status AskServices(Person& person, const SetupFacts& facts, SetupAnswers& answers) {
  if (!facts.listeners.empty()) {
    person.Say("Who may reach what listens here? `nobody`, `anybody`, or networks.");
  }
  for (const SetupFacts::Listener& listener : facts.listeners) {
    while (true) {
      ASSIGN_OR_RETURN(
          const std::string line,
          person.Answer(absl::StrCat("  ", Escape(listener.traffic), " ", Escape(listener.program)),
                        WhoText(answers, listener.traffic)));
      auto who = ParseWho(line);
      if (!who.ok()) {
        person.Say(absl::StrCat("    ", who.status().message()));
        continue;
      }
      answers.open.erase(listener.traffic);
      if (who->has_value()) answers.open[listener.traffic] = **std::move(who);
      break;
    }
  }
  ASSIGN_OR_RETURN(answers.ping, person.YesOrNo("May anybody ping this host?", answers.ping));
  return absl::OkStatus();
}

absl::Status AskImports(Person& person, const SetupFacts& facts, SetupAnswers& answers) {
  for (const std::string& firewall : ImportableIn(facts)) {
    const bool proposal = answers.imports.contains(firewall);
    ASSIGN_OR_RETURN(const bool wanted,
                     person.YesOrNo(absl::StrCat("Take over the rules of ", firewall,
                                                 ", as a policy of its own?"),
                                    proposal));
    if (wanted) {
      answers.imports.insert(firewall);
    } else {
      answers.imports.erase(firewall);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> Person::Answer(const std::string& question,
                                           const std::string& proposal) {
  while (true) {
    invocation_.err() << question << " [" << Escape(proposal) << "] ";
    invocation_.err().flush();
    std::string line;
    while (line.size() < kMaxLine) {
      char byte;
      const ssize_t got = read(STDIN_FILENO, &byte, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return absl::AbortedError("no more answers: nothing is changed");
      if (byte == '\n') break;
      line.push_back(byte);
    }
    line = std::string(absl::StripAsciiWhitespace(line));
    if (IsText(line)) return line.empty() ? proposal : line;
    Say("  that was no text; once more, please");
  }
}

absl::StatusOr<bool> Person::YesOrNo(const std::string& question, bool proposal) {
  while (true) {
    ASSIGN_OR_RETURN(const std::string line, Answer(question, proposal ? "yes" : "no"));
    if (line == "yes" || line == "y") return true;
    if (line == "no" || line == "n") return false;
  }
}

void Person::Say(const std::string& text) { invocation_.err() << text << "\n"; }

absl::Status Interview(Person& person, const SetupFacts& facts, SetupAnswers& answers) {
  RETURN_IF_ERROR(AskAttachment(person, facts, answers));
  RETURN_IF_ERROR(AskServices(person, facts, answers));
  return AskImports(person, facts, answers);
}

absl::Status AskTwice(Person& person, const std::string& why) {
  person.Say(absl::StrCat("CAUTION: ", Escape(why), "."));
  for (const char* question : {"Is that meant?", "Really?"}) {
    ASSIGN_OR_RETURN(const bool meant, person.YesOrNo(question, false));
    if (!meant) return absl::FailedPreconditionError(absl::StrCat(why, "; nothing is changed"));
  }
  return absl::OkStatus();
}

}  // namespace firebreak::cli
