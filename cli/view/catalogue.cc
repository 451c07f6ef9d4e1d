// SPDX-License-Identifier: Apache-2.0
#include "cli/view/catalogue.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/output/table.h"

namespace firebreak::cli {
namespace {

using policy::HardeningSetting;

std::string Number(const std::optional<int64_t>& value) {
  return value.has_value() ? absl::StrCat(*value) : "-";
}

std::string Range(const HardeningSetting& setting) {
  return absl::StrCat(setting.least, "-", setting.most);
}

std::string Unit(const HardeningSetting& setting) {
  return *setting.unit == '\0' ? "" : absl::StrCat(" ", setting.unit);
}

const char* ScopeOf(const HardeningSetting& setting) {
  return setting.scope == HardeningSetting::Scope::kHost ? "host" : "interface";
}

std::vector<std::string> MapsTo(const HardeningSetting& setting) {
  std::vector<std::string> texts;
  for (const policy::SysctlTarget& target : setting.sysctls) {
    texts.push_back(policy::TargetText(target));
  }
  if (*setting.besides != '\0') texts.emplace_back(setting.besides);
  return texts;
}

}  // namespace

v1::CatalogueSetting ToMessage(const HardeningSetting& setting) {
  v1::CatalogueSetting message;
  message.set_name(setting.name);
  message.set_scope(ScopeOf(setting));
  message.set_least(setting.least);
  message.set_most(setting.most);
  message.set_unit(setting.unit);
  if (setting.kernel_default) message.set_kernel_default(*setting.kernel_default);
  if (setting.recommended) message.set_recommended(*setting.recommended);
  if (setting.strict) message.set_strict(*setting.strict);
  if (setting.original) message.set_original(*setting.original);
  message.set_what(setting.what);
  message.set_cost(setting.cost);
  message.set_security(setting.security);
  for (std::string& text : MapsTo(setting)) message.add_maps_to(std::move(text));
  return message;
}

std::string CatalogueTable(std::span<const HardeningSetting> settings, bool colours) {
  Table table({"SETTING", "SCOPE", "RANGE", "KERNEL", "RECOMMENDED", "STRICT", "ORIGINAL"});
  for (const HardeningSetting& setting : settings) {
    table.AddRow({setting.name, ScopeOf(setting), Range(setting), Number(setting.kernel_default),
                  Number(setting.recommended), Number(setting.strict), Number(setting.original)});
  }
  return absl::StrCat(table.Text(colours),
                      "\n"
                      "`firebreak settings NAME` describes a setting: what it does, what it costs, "
                      "and its kernel settings.\n");
}

std::string CataloguePage(const HardeningSetting& setting) {
  return absl::StrCat(setting.name, "\n\n", setting.what, "\n\nRange        ", Range(setting),
                      Unit(setting), ", of ",
                      setting.scope == HardeningSetting::Scope::kHost
                          ? "the whole host"
                          : "the whole host or of interfaces",
                      "\nKernel       ", Number(setting.kernel_default), "\nRecommended  ",
                      Number(setting.recommended), "\nStrict       ", Number(setting.strict),
                      "\nOriginal     ", Number(setting.original), "\nMaps to      ",
                      absl::StrJoin(MapsTo(setting), "\n             "), "\nCost         ",
                      setting.cost, "\nSecurity     ", setting.security, "\n");
}

std::string CatalogueMarkdown(std::span<const HardeningSetting> settings) {
  std::string text =
      "| setting | of | range | kernel | recommended | strict | original |\n"
      "| --- | --- | --- | --- | --- | --- | --- |\n";
  for (const HardeningSetting& setting : settings) {
    absl::StrAppend(&text, "| `", setting.name, "` | ", ScopeOf(setting), " | ", Range(setting),
                    Unit(setting), " | ", Number(setting.kernel_default), " | ",
                    Number(setting.recommended), " | ", Number(setting.strict), " | ",
                    Number(setting.original), " |\n");
  }
  for (const HardeningSetting& setting : settings) {
    absl::StrAppend(&text, "\n### ", setting.name, "\n\n", setting.what, "\n\n- **Maps to** ",
                    absl::StrJoin(MapsTo(setting), "; "), ".\n- **Cost** ", setting.cost,
                    "\n- **Security** ", setting.security, "\n");
  }
  return text;
}

}  // namespace firebreak::cli
