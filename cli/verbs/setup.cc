// SPDX-License-Identifier: Apache-2.0

// firebreak setup: asks how this host is connected, makes its first policy, and tries it.

#include "cli/verbs/setup.h"

#include <errno.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/files/files.h"
#include "base/status/status.h"
#include "base/text/escape.h"
#include "cli/ask/ask.h"
#include "cli/setup/setup.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/standalone.h"
#include "cli/view/plan.h"

namespace firebreak::cli {
namespace {

constexpr size_t kMaxAnswersBytes = 64 << 10;

struct SetupOptions {
  std::string answers;
  bool dry_run = false;
  bool shut_me_out = false;
  TrialOptions trial;
};

absl::StatusOr<v1::Answer> AskAll(Invocation& invocation, const v1::Question& question) {
  v1::Answer whole;
  RETURN_IF_ERROR(Ask(invocation, "", question, kAnswerTimeout, [&](const v1::Answer& part) {
    whole.MergeFrom(part);
    return absl::OkStatus();
  }));
  return whole;
}

absl::StatusOr<SetupFacts> Look(Invocation& invocation) {
  v1::Question status, interfaces, sockets;
  status.mutable_status();
  interfaces.mutable_interfaces();
  sockets.mutable_sockets();
  ASSIGN_OR_RETURN(const v1::Answer state, AskAll(invocation, status));
  if (!state.status().has_standalone()) {
    return absl::FailedPreconditionError(
        "this host's policy comes from its controller; `firebreak apply` makes policies there");
  }
  ASSIGN_OR_RETURN(const v1::Answer links, AskAll(invocation, interfaces));
  ASSIGN_OR_RETURN(const v1::Answer listening, AskAll(invocation, sockets));
  return FactsOf(links.interfaces(), listening.sockets(), state.status(), FindOwnConnection());
}

// The person at the terminal. The end of the input, or Ctrl-C, ends the program before anything has
// changed.
class Person {
 public:
  explicit Person(Invocation& invocation) : invocation_(invocation) {}

  // Returns the line that the person types, or `proposal` if the line is empty.
  absl::StatusOr<std::string> Answer(const std::string& question, const std::string& proposal) {
    invocation_.err() << question << " [" << Escape(proposal) << "] ";
    invocation_.err().flush();
    std::string line;
    while (line.size() < 4096) {
      char byte;
      const ssize_t got = read(STDIN_FILENO, &byte, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return absl::AbortedError("no more answers: nothing is changed");
      if (byte == '\n') break;
      line.push_back(byte);
    }
    line = std::string(absl::StripAsciiWhitespace(line));
    return line.empty() ? proposal : line;
  }

  absl::StatusOr<bool> YesOrNo(const std::string& question, bool proposal) {
    while (true) {
      ASSIGN_OR_RETURN(const std::string line, Answer(question, proposal ? "yes" : "no"));
      if (line == "yes" || line == "y") return true;
      if (line == "no" || line == "n") return false;
    }
  }

  void Say(const std::string& text) { invocation_.err() << text << "\n"; }

 private:
  Invocation& invocation_;
};

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

absl::Status RefuseToShutOut(const std::string& why) {
  return absl::FailedPreconditionError(absl::StrCat(why, "; nothing is changed"));
}

// Returns the name that `firebreak import` has for this other firewall; empty if it cannot import
// it.
std::string ImporterOf(absl::string_view conflict) {
  if (conflict == "ufw" || conflict == "firewalld") return std::string(conflict);
  if (conflict == "iptables-legacy") return "iptables";
  return conflict == "nftables" ? "nft" : "";
}

void SayConflicts(Invocation& invocation, const SetupFacts& facts) {
  for (const v1::Conflict& conflict : facts.conflicts) {
    invocation.err() << "CONFLICT: " << Escape(conflict.what()) << ": "
                     << Escape(conflict.explanation()) << "\n";
    const std::string importer = ImporterOf(conflict.what());
    if (importer.empty()) continue;
    invocation.err() << "  `firebreak import " << importer
                     << "` prints its rules as a policy, which can be applied in its place\n";
  }
}

absl::Status Setup(Invocation& invocation, const SetupOptions& options) {
  ASSIGN_OR_RETURN(const SetupFacts facts, Look(invocation));
  SayConflicts(invocation, facts);
  SetupAnswers answers = Propose(facts);
  const bool asks = options.answers.empty() && !options.dry_run;
  Person person(invocation);
  if (!options.answers.empty()) {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(options.answers, kMaxAnswersBytes));
    ASSIGN_OR_RETURN(answers, ReadAnswers(text, facts));
  } else if (asks) {
    RETURN_IF_ERROR(AskAttachment(person, facts, answers));
    RETURN_IF_ERROR(AskServices(person, facts, answers));
  }
  v1::ApplyRequest request;
  v1::SourceFile& file = *request.add_files();
  file.set_name("setup");
  file.set_text(PolicyOf(answers));
  invocation.out() << "\n" << file.text();
  invocation.out().flush();
  ASSIGN_OR_RETURN(const v1::Plan plan, PlanLocally(invocation, request));
  invocation.err() << "\n" << PlanPage(plan, invocation.colours());
  if (options.dry_run) return absl::OkStatus();

  if (const std::string why = WhyShutOut(facts, answers); !why.empty() && !options.shut_me_out) {
    if (!asks) {
      return RefuseToShutOut(absl::StrCat(why, ": say --shut-me-out if that is meant"));
    }
    person.Say(absl::StrCat("CAUTION: ", Escape(why), "."));
    for (const char* question : {"Is that meant?", "Really?"}) {
      ASSIGN_OR_RETURN(const bool meant, person.YesOrNo(question, false));
      if (!meant) return RefuseToShutOut(why);
    }
  }
  if (asks) {
    ASSIGN_OR_RETURN(const bool on, person.YesOrNo("Switch it on?", false));
    if (!on) return absl::AbortedError("nothing is changed");
  }
  RETURN_IF_ERROR(ApplyLocally(invocation, request, options.trial));
  invocation.err()
      << "`firebreak --local undo` goes back; `firebreak --local get all -o yaml` prints "
         "the policy as a file to change and apply\n";
  return absl::OkStatus();
}

}  // namespace

void AddSetupVerb(Verb root, Command& command) {
  const Verb verb = AddVerb(
      root, "setup",
      "Protect this host: a few questions, and its first policy.\n\n"
      "For a host without a controller, whose agent runs (firebreak-agent --policy). Looks at what "
      "the host has, proposes answers, and shows the policy and what it opens and shuts before "
      "anything changes; Ctrl-C leaves all as it is. Then the policy is on trial as with "
      "`firebreak "
      "--local apply`: without a confirmation within 30 s it is undone.\n\n"
      "With --answers nothing is asked. The file says what is not as proposed: connection "
      "(internet, router, shares, laptop, server), public, private, open, ping.",
      "firebreak setup\n"
      "firebreak setup --dry-run\n"
      "echo '{connection: server, open: {tcp/22: 10.0.0.0/8, tcp/443: anybody}}' > answers\n"
      "firebreak setup --answers answers --no-trial");
  const auto options = std::make_shared<SetupOptions>();
  verb.Add("--answers", options->answers, "a file with the answers").Type("FILE");
  verb.AddFlag("--dry-run", options->dry_run,
               "ask nothing, change nothing: show the policy of the answers or of the proposals");
  verb.AddFlag("--shut-me-out", options->shut_me_out,
               "also a policy that shuts the way by which you came");
  AddTrial(verb, options->trial);
  verb.WhenGiven([&command, options] {
    // This verb is about this host, whether or not there is a controller.
    command.options.local = true;
    if (options->answers.empty() && !options->dry_run && isatty(STDIN_FILENO) == 0) {
      RefuseUsage("--answers", "is missing: without a terminal nobody can be asked");
    }
    command.run = [options](Invocation& invocation) { return Setup(invocation, *options); };
  });
}

}  // namespace firebreak::cli
