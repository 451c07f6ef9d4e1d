// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_STORE_TEST_DATABASE_H_
#define FIREBREAK_CONTROLLER_STORE_TEST_DATABASE_H_

#include <memory>
#include <string>

#include "controller/store/database.h"

namespace firebreak::controller {

// For tests: a database in a directory of its own, which is removed with this object.
class TestDatabase {
 public:
  TestDatabase();
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  Database& operator*() const { return *database_; }
  Database* operator->() const { return database_.get(); }

 private:
  const std::string directory_;
  std::unique_ptr<Database> database_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_TEST_DATABASE_H_
