// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_CATALOGUE_H_
#define FIREBREAK_CLI_VIEW_CATALOGUE_H_

#include <span>
#include <string>

#include "firebreak/v1/report.pb.h"
#include "policy/hardening/catalogue.h"

namespace firebreak::cli {

v1::CatalogueSetting ToMessage(const policy::HardeningSetting& setting);

// Return the catalogue of `hardening` settings as a table with a line for each, or a page about one
// setting.
std::string CatalogueTable(std::span<const policy::HardeningSetting> settings, bool colours);
std::string CataloguePage(const policy::HardeningSetting& setting);

// Returns the part of docs/hardening.md between the markers, which is the catalogue.
std::string CatalogueMarkdown(std::span<const policy::HardeningSetting> settings);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_CATALOGUE_H_
