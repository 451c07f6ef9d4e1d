// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_CATALOGUE_H_
#define FIREBREAK_CLI_VIEW_CATALOGUE_H_

#include <span>
#include <string>

#include "firebreak/v1/report.pb.h"
#include "policy/hardening/catalogue.h"

namespace firebreak::cli {

v1::CatalogueSetting ToMessage(const policy::HardeningSetting& setting);

// The catalogue of what `hardening` sets: a line for each; or all that is known of one.
std::string CatalogueTable(std::span<const policy::HardeningSetting> settings, bool colours);
std::string CataloguePage(const policy::HardeningSetting& setting);

// docs/hardening.md: the part that is the catalogue, between its markers.
std::string CatalogueMarkdown(std::span<const policy::HardeningSetting> settings);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_CATALOGUE_H_
