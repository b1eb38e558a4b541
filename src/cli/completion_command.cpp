#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/command.h"
#include "cli/json_output.h"

namespace saerok {
namespace {

std::string long_options(const CLI::App& app) {
  std::string names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names += " --" + name;
  }
  return names;
}

std::string command_names(const CLI::App& app) {
  std::string names;
  for (const CLI::App* command : app.get_subcommands({})) names += " " + command->get_name();
  return names;
}

/// bash; zsh reads the same through bashcompinit.
std::string bash_script(const CLI::App& app) {
  std::string script =
      "_saerok() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} command= i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case ${COMP_WORDS[i]} in -*) ;; *) command=${COMP_WORDS[i]}; break ;; esac\n"
      "  done\n"
      "  local common='" +
      long_options(app) +
      "'\n"
      "  case $command in\n"
      "    '') COMPREPLY=($(compgen -W \"$common" +
      command_names(app) + "\" -- \"$word\")) ;;\n";
  for (const CLI::App* command : app.get_subcommands({})) {
    script += "    " + command->get_name() + ") COMPREPLY=($(compgen -W \"$common" +
              long_options(*command) + command_names(*command) + "\" -- \"$word\")) ;;\n";
  }
  script +=
      "  esac\n"
      "  [[ $word == -* ]] || COMPREPLY+=($(compgen -f -- \"$word\"))\n"
      "}\n"
      "complete -o filenames -F _saerok saerok\n";
  return script;
}

std::string fish_script(const CLI::App& app) {
  std::string script;
  const auto add = [&](const CLI::App& of, const std::string& condition) {
    for (const CLI::Option* option : of.get_options()) {
      for (const std::string& name : option->get_lnames()) {
        script += "complete -c saerok" + condition + " -l " + name + "\n";
      }
    }
  };
  add(app, "");
  for (const CLI::App* command : app.get_subcommands({})) {
    script += "complete -c saerok -n __fish_use_subcommand -a " + command->get_name() + "\n";
    add(*command, " -n '__fish_seen_subcommand_from " + command->get_name() + "'");
  }
  return script;
}

}  // namespace

void add_completion_command(CLI::App& app, CommandRun& chosen) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "completion",
      "Print a completion script for a shell.\n\n"
      "  bash   saerok completion bash > ~/.local/share/bash-completion/completions/saerok\n"
      "  zsh    autoload -U bashcompinit && bashcompinit && source <(saerok completion zsh)\n"
      "  fish   saerok completion fish > ~/.config/fish/completions/saerok.fish");
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("");
  command->callback([=, &app, &chosen] {
    const std::string script = *shell == "fish" ? fish_script(app) : bash_script(app);
    chosen = [script, shell](CommandContext& context) -> Status {
      if (context.options.json) print_document({{"shell", *shell}, {"script", script}});
      else std::fwrite(script.data(), 1, script.size(), stdout);
      return {};
    };
  });
}

}  // namespace saerok
