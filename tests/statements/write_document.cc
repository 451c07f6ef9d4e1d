// SPDX-License-Identifier: Apache-2.0

// Prints docs/coverage.md.

#include <iostream>

#include "tests/statements/statements.h"

int main() {
  const auto translations = firebreak::statements::ReadTranslations("tests/statements");
  if (!translations.ok()) {
    std::cerr << translations.status().message() << "\n";
    return 1;
  }
  std::cout << firebreak::statements::Document(*translations);
  return 0;
}
