// SPDX-License-Identifier: Apache-2.0
#include "controller/store/migrations.h"

namespace firebreak::controller {

std::span<const Migration> Migrations() {
  static constexpr Migration kMigrations[] = {
      {8, "keep the resources of each revision", MigrateTo8},
      {9, "give each row a digest", MigrateTo9},
      {10, "number the hosts' certificates", MigrateTo10},
      {11, "keep rollouts in waves", MigrateTo11},
      {12, "index the audit trail", MigrateTo12},
  };
  return kMigrations;
}

}  // namespace firebreak::controller
