// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "cli/reference/page.h"
#include "cli/reference/reference.h"

int main() { std::cout << firebreak::cli::ReferenceDocument(firebreak::cli::Reference::Get()); }
