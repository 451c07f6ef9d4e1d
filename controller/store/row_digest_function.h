// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_STORE_ROW_DIGEST_FUNCTION_H_
#define FIREBREAK_CONTROLLER_STORE_ROW_DIGEST_FUNCTION_H_

#include <sqlite3.h>

namespace firebreak::controller {

// Adds the SQL function row_digest(…): SHA-256 over its arguments, each encoded with its type and
// length, so that different lists of arguments are encoded differently. Returns SQLite's result
// code.
int RegisterRowDigest(sqlite3* database);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_ROW_DIGEST_FUNCTION_H_
