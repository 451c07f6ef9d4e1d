// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/question.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/text/escape.h"
#include "cli/ask/ask.h"
#include "cli/ask/group.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/print.h"
#include "firebreak/v1/report.pb.h"
#include "policy/resources/write.h"

namespace firebreak::cli {
namespace {

using google::protobuf::Message;

// Prints the answer of one host, part by part as the parts arrive.
class PartPrinter {
 public:
  PartPrinter(Invocation& invocation, const AnswerView& view)
      : invocation_(invocation), view_(view), table_({view.columns.begin(), view.columns.end()}) {}

  void Print(const v1::Answer& part) {
    if (view_.text != nullptr) return Merge(part, whole_);
    const std::vector<const Message*> items = view_.items(part);
    if (items.empty()) return;
    if (invocation_.format() == Format::kTable) {
      for (const Message* item : items) table_.AddRow(view_.row(*item));
      invocation_.out() << table_.Take(invocation_.colours());
    } else if (invocation_.format() == Format::kYaml) {
      PrintDataList(invocation_, items);
    } else {
      for (const Message* item : items) {
        std::string text = policy::ToJson(*item);
        text.pop_back();  // removes the line feed, because a comma may follow
        invocation_.out() << (any_ ? ",\n" : "[\n") << text;
        any_ = true;
      }
    }
    any_ = true;
    invocation_.out().flush();
  }

  void End() {
    if (view_.text != nullptr) {
      if (invocation_.format() != Format::kTable)
        return PrintData(invocation_, *view_.items(whole_)[0]);
      invocation_.out() << view_.text(whole_, invocation_.colours());
    } else if (invocation_.format() == Format::kJson) {
      invocation_.out() << (any_ ? "\n]\n" : "[]\n");
    } else if (!any_ && invocation_.format() == Format::kYaml) {
      PrintDataList(invocation_, std::vector<const Message*>());
    } else if (!any_) {
      invocation_.err() << view_.none << "\n";
    }
  }

 private:
  Invocation& invocation_;
  const AnswerView& view_;
  Table table_;
  bool any_ = false;
  v1::Answer whole_;
};

// Prints the answers of several hosts, each when it is complete.
class GroupPrinter {
 public:
  GroupPrinter(Invocation& invocation, const AnswerView& view)
      : invocation_(invocation), view_(view), table_(Header(view)) {}

  void Print(const v1::HostAnswer& answered) {
    if (invocation_.format() == Format::kYaml) {
      PrintDataList(invocation_, {&answered});
    } else if (invocation_.format() == Format::kJson) {
      std::string text = policy::ToJson(answered);
      text.pop_back();
      invocation_.out() << (any_ ? ",\n" : "[\n") << text;
    } else if (!answered.error().empty()) {
      return;  // the host is named at the end
    } else if (view_.text != nullptr) {
      invocation_.out() << (any_ ? "\n" : "") << "# host " << Escape(answered.host()) << "\n"
                        << view_.text(answered.answer(), invocation_.colours());
    } else {
      for (const Message* item : view_.items(answered.answer())) {
        std::vector<Cell> row = view_.row(*item);
        row.insert(row.begin(), Cell(answered.host()));
        table_.AddRow(std::move(row));
      }
      if (table_.rows() > 0) invocation_.out() << table_.Take(invocation_.colours());
    }
    any_ = true;
    invocation_.out().flush();
  }

  void End() {
    if (invocation_.format() == Format::kJson) invocation_.out() << (any_ ? "\n]\n" : "[]\n");
  }

 private:
  static std::vector<Cell> Header(const AnswerView& view) {
    std::vector<Cell> header = {"HOST"};
    header.insert(header.end(), view.columns.begin(), view.columns.end());
    return header;
  }

  Invocation& invocation_;
  const AnswerView& view_;
  Table table_;
  bool any_ = false;
};

absl::Status AskOne(Invocation& invocation, const Audience& audience, const v1::Question& question,
                    const AnswerView& view) {
  PartPrinter printer(invocation, view);
  const absl::Status status =
      Ask(invocation, audience.host, question, audience.timeout, [&](const v1::Answer& part) {
        printer.Print(part);
        return absl::OkStatus();
      });
  if (status.ok()) printer.End();
  return status;
}

absl::Status AskGroup(Invocation& invocation, const Audience& audience,
                      const v1::Question& question, const AnswerView& view) {
  GroupPrinter printer(invocation, view);
  size_t asked = 0;
  std::vector<std::string> silent;
  const absl::Status status =
      AskHostsOf(invocation, audience.group, question, audience.timeout,
                 [&](const std::string& host, const absl::StatusOr<v1::Answer>& answer) {
                   ++asked;
                   v1::HostAnswer answered;
                   answered.set_host(host);
                   if (answer.ok()) {
                     *answered.mutable_answer() = *answer;
                   } else {
                     answered.set_error(std::string(answer.status().message()));
                     silent.push_back(absl::StrCat(host, ": ", answer.status().message()));
                   }
                   printer.Print(answered);
                 });
  if (!status.ok()) return status;
  printer.End();
  if (silent.empty()) return absl::OkStatus();
  std::string names;
  for (const std::string& host : silent) absl::StrAppend(&names, "\n", host);
  return absl::AbortedError(
      absl::StrCat(silent.size(), " of ", asked, " hosts did not answer:", names));
}

}  // namespace

absl::Status AskAndPrint(Invocation& invocation, const Audience& audience,
                         const v1::Question& question, const AnswerView& view) {
  return audience.group.empty() ? AskOne(invocation, audience, question, view)
                                : AskGroup(invocation, audience, question, view);
}

std::shared_ptr<Audience> AddAudience(Verb verb, Scope scope) {
  auto audience = std::make_shared<Audience>();
  if (scope == Scope::kFleet) {
    const Argument host = verb.Add("HOST", audience->host, "the name of the host");
    verb.Add("--group", audience->group,
             "ask all hosts of this group instead; prints each answer as it arrives and, at the "
             "end, the names of the hosts that gave none")
        .Type("GROUP")
        .Excludes(host);
  }
  AddDuration(verb, "--timeout", audience->timeout, absl::Seconds(1), absl::Minutes(5),
              "how long to wait for an answer");
  return audience;
}

void RunQuestion(Verb verb, Scope scope, Command& command, std::shared_ptr<Audience> audience,
                 std::function<absl::Status(Invocation&, const Audience&)> ask) {
  verb.WhenGiven([scope, &command, audience = std::move(audience), ask = std::move(ask)] {
    if (scope == Scope::kLocal && !command.options.local) {
      RefuseUsage(
          "--local",
          "is missing; this verb asks the host itself. To ask another host, use `firebreak host`");
    }
    if (scope == Scope::kFleet && command.options.local) {
      RefuseUsage("--local", "asks this host; leave out `host` and the name of the host");
    }
    if (scope == Scope::kFleet && audience->host.empty() && audience->group.empty()) {
      RefuseMissing("HOST or --group");
    }
    command.run = [audience, ask](Invocation& invocation) { return ask(invocation, *audience); };
  });
}

}  // namespace firebreak::cli
