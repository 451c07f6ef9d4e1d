// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include "cli/completion/command_tree.h"
#include "cli/completion/shells.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"

namespace firebreak::cli {

void AddCompletionVerb(Verb root, Command& command) {
  const Verb verb =
      AddVerb(root, "completion",
              "Print a completion script for a shell.\n\n"
              "The script completes the verbs, options and values of this program. bash: write it "
              "to /etc/bash_completion.d/firebreak, or source it. zsh: write it to _firebreak in a "
              "directory of $fpath. fish: write it to ~/.config/fish/completions/firebreak.fish.",
              "source <(firebreak completion bash)\n"
              "firebreak completion zsh > ~/.zfunc/_firebreak\n"
              "firebreak completion fish > ~/.config/fish/completions/firebreak.fish");
  const auto shell = std::make_shared<std::string>();
  verb.Add("SHELL", *shell, "the shell")
      .Type("bash|zsh|fish")
      .OneOf({"bash", "zsh", "fish"})
      .Required();
  verb.WhenGiven([&command, root, shell] {
    command.run = [root, shell](Invocation& invocation) {
      const CommandNode tree = ReadCommandTree(root.app());
      invocation.out() << (*shell == "bash"  ? BashCompletion(tree)
                           : *shell == "zsh" ? ZshCompletion(tree)
                                             : FishCompletion(tree));
      return absl::OkStatus();
    };
  });
}

}  // namespace firebreak::cli
