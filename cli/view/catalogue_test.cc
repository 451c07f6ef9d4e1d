// SPDX-License-Identifier: Apache-2.0
#include "cli/view/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace firebreak::cli {
namespace {

using testing::HasSubstr;

TEST(Catalogue, ThePageSaysAllThatIsKnown) {
  const std::string page = CataloguePage(*policy::FindHardening("tcp_max_data_retransmissions"));
  for (const char* text :
       {"0-65535 times", "net.ipv4.tcp_retries2", "924.6 s", "Recommended  6", "Original     2"}) {
    EXPECT_THAT(page, HasSubstr(text));
  }
  EXPECT_THAT(CatalogueTable(policy::HardeningCatalogue(), false), HasSubstr("rp_filter"));
  EXPECT_FALSE(ToMessage(*policy::FindHardening("arp_filter")).has_strict());
}

TEST(Catalogue, TheDocumentIsMadeOfIt) {
  std::ifstream file("docs/hardening.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string catalogue = CatalogueMarkdown(policy::HardeningCatalogue());
  EXPECT_NE(text.str().find(catalogue), std::string::npos)
      << "put this behind the heading \"The catalogue\" of docs/hardening.md:\n"
      << catalogue;
}

}  // namespace
}  // namespace firebreak::cli
