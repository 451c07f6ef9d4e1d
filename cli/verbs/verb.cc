// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/verb.h"

#include <utility>

#include "CLI/CLI.hpp"

namespace firebreak::cli {

Argument Argument::Type(const std::string& name) const {
  option_->type_name(name);
  return *this;
}

Argument Argument::Required() const {
  option_->required();
  return *this;
}

Argument Argument::Default(const std::string& text) const {
  option_->default_str(text);
  return *this;
}

Argument Argument::OneOf(const std::vector<std::string>& values) const {
  option_->check(CLI::IsMember(values).description(""));
  return *this;
}

Argument Argument::OneAtATime() const {
  option_->allow_extra_args(false);
  return *this;
}

Argument Argument::CommaSeparated() const {
  option_->delimiter(',');
  return *this;
}

Argument Argument::Excludes(Argument other) const {
  option_->excludes(other.option_);
  return *this;
}

Argument Argument::Needs(Argument other) const {
  option_->needs(other.option_);
  return *this;
}

Argument Verb::Add(const std::string& names, std::string& value,
                   const std::string& description) const {
  return Argument(app_->add_option(names, value, description));
}

Argument Verb::Add(const std::string& names, std::vector<std::string>& values,
                   const std::string& description) const {
  return Argument(app_->add_option(names, values, description));
}

Argument Verb::Add(const std::string& names, std::function<void(const std::string&)> take,
                   const std::string& description) const {
  return Argument(app_->add_option_function<std::string>(names, std::move(take), description));
}

Argument Verb::AddList(const std::string& names,
                       std::function<void(const std::vector<std::string>&)> take,
                       const std::string& description) const {
  return Argument(
      app_->add_option_function<std::vector<std::string>>(names, std::move(take), description));
}

Argument Verb::AddNumber(const std::string& names, uint32_t& value, uint32_t least, uint32_t most,
                         const std::string& description) const {
  return Argument(
      app_->add_option(names, value, description)->check(CLI::Range(least, most).description("")));
}

Argument Verb::AddNumber(const std::string& names, std::function<void(uint32_t)> take,
                         uint32_t least, uint32_t most, const std::string& description) const {
  return Argument(app_->add_option_function<uint32_t>(names, std::move(take), description)
                      ->check(CLI::Range(least, most).description("")));
}

Argument Verb::AddFlag(const std::string& names, bool& given,
                       const std::string& description) const {
  return Argument(app_->add_flag(names, given, description));
}

void Verb::WhenGiven(std::function<void()> then) const { app_->callback(std::move(then)); }

void Verb::MayBeFollowed() const { app_->require_subcommand(0, 1); }

bool Verb::IsFollowed() const { return !app_->get_subcommands().empty(); }

std::vector<std::string> Verb::GivenOptions() const {
  std::vector<std::string> given;
  for (const CLI::Option* option : app_->get_options()) {
    if (option->count() > 0) given.push_back(option->get_name());
  }
  return given;
}

Verb AddVerb(Verb parent, const std::string& name, const std::string& description,
             const std::string& examples) {
  return Verb(parent.app().add_subcommand(name, description)->footer(examples));
}

Verb AddNoun(Verb parent, const std::string& name, const std::string& description) {
  return Verb(parent.app().add_subcommand(name, description)->require_subcommand(1));
}

void RefuseUsage(const std::string& argument, absl::string_view why) {
  throw CLI::ValidationError(argument, std::string(why));
}

void RefuseMissing(const std::string& argument) { throw CLI::RequiredError(argument); }

}  // namespace firebreak::cli
