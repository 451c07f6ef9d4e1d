// SPDX-License-Identifier: Apache-2.0
#include "base/status/status.h"
#include "controller/store/migrations.h"

namespace firebreak::controller {

// Adds the digests of row_digests.h; the rows are sealed after all steps.
absl::Status MigrateTo9(Connection& connection) {
  for (const char* statement : {
           "ALTER TABLE drifts ADD COLUMN row_digest BLOB NOT NULL DEFAULT x''",
           "ALTER TABLE host_events ADD COLUMN row_digest BLOB NOT NULL DEFAULT x''",
           "ALTER TABLE host_labels ADD COLUMN row_digest BLOB NOT NULL DEFAULT x''",
           "ALTER TABLE hosts ADD COLUMN row_digest BLOB NOT NULL DEFAULT x''",
           "ALTER TABLE resource_versions ADD COLUMN row_digest BLOB NOT NULL DEFAULT x''",
           "ALTER TABLE restores ADD COLUMN row_digest BLOB NOT NULL DEFAULT x''",
           "ALTER TABLE revisions ADD COLUMN row_digest BLOB NOT NULL DEFAULT x''",
           "ALTER TABLE token_labels ADD COLUMN row_digest BLOB NOT NULL DEFAULT x''",
           "ALTER TABLE tokens ADD COLUMN row_digest BLOB NOT NULL DEFAULT x''",
           "ALTER TABLE witnesses ADD COLUMN row_digest BLOB NOT NULL DEFAULT x''",
       }) {
    RETURN_IF_ERROR(connection.ExecuteScript(statement));
  }
  return absl::OkStatus();
}

}  // namespace firebreak::controller
