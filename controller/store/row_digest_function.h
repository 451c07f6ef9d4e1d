#ifndef FIREBREAK_CONTROLLER_STORE_ROW_DIGEST_FUNCTION_H_
#define FIREBREAK_CONTROLLER_STORE_ROW_DIGEST_FUNCTION_H_

#include <sqlite3.h>

namespace firebreak::controller {

// Gives SQL the function row_digest(…): SHA-256 over its arguments, each with its type and its
// length, so that no two lists of arguments have the same text. Returns SQLite's code.
int RegisterRowDigest(sqlite3* database);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_ROW_DIGEST_FUNCTION_H_
