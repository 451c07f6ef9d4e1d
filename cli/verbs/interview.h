// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_INTERVIEW_H_
#define FIREBREAK_CLI_VERBS_INTERVIEW_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/setup/setup.h"
#include "cli/verbs/invocation.h"

namespace firebreak::cli {

// The person at the terminal, who is asked on the standard error and answers on the standard input.
// What ends the input, or Ctrl-C, ends the program. The invocation must outlive this object.
class Person {
 public:
  explicit Person(Invocation& invocation) : invocation_(invocation) {}

  // Returns the line that was typed, or `proposal` for an empty one; what is no text is asked for
  // again. Aborted: there are no more answers.
  absl::StatusOr<std::string> Answer(const std::string& question, const std::string& proposal);
  absl::StatusOr<bool> YesOrNo(const std::string& question, bool proposal);
  void Say(const std::string& text);

 private:
  Invocation& invocation_;
};

// Asks the questions of `firebreak setup`, with `answers` as proposals, and fills in what is
// answered.
absl::Status Interview(Person& person, const SetupFacts& facts, SetupAnswers& answers);

// Has a policy that shuts the person out said twice. FailedPrecondition: it is not meant; the text
// begins with `why`.
absl::Status AskTwice(Person& person, const std::string& why);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_INTERVIEW_H_
