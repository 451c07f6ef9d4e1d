// SPDX-License-Identifier: Apache-2.0
#include "controller/store/test_database.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

namespace firebreak::controller {
namespace {

std::string MakeDirectory() {
  std::string pattern = testing::TempDir() + "/databaseXXXXXX";
  return mkdtemp(pattern.data());
}

}  // namespace

TestDatabase::TestDatabase()
    : directory_(MakeDirectory()), database_(*Database::Open(directory_ + "/db")) {}

TestDatabase::~TestDatabase() {
  database_.reset();
  std::filesystem::remove_all(directory_);
}

}  // namespace firebreak::controller
