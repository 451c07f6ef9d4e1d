// SPDX-License-Identifier: Apache-2.0
#include "controller/store/row_digest_function.h"

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "base/openssl/openssl.h"

namespace firebreak::controller {
namespace {

void AppendNumber(uint64_t number, std::string& text) {
  for (int shift = 56; shift >= 0; shift -= 8) text.push_back(static_cast<char>(number >> shift));
}

void AppendBytes(const void* bytes, int size, std::string& text) {
  AppendNumber(static_cast<uint64_t>(size), text);
  if (size > 0) text.append(static_cast<const char*>(bytes), static_cast<size_t>(size));
}

void RowDigest(sqlite3_context* context, int count, sqlite3_value** values) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    const int type = sqlite3_value_type(values[i]);
    text.push_back(static_cast<char>(type));
    if (type == SQLITE_INTEGER) {
      AppendNumber(static_cast<uint64_t>(sqlite3_value_int64(values[i])), text);
    } else if (type != SQLITE_NULL) {
      const void* bytes = sqlite3_value_blob(values[i]);
      AppendBytes(bytes, sqlite3_value_bytes(values[i]), text);
    }
  }
  const std::string digest = Sha256(text);
  sqlite3_result_blob(context, digest.data(), static_cast<int>(digest.size()), SQLITE_TRANSIENT);
}

}  // namespace

int RegisterRowDigest(sqlite3* database) {
  // The function is marked innocuous so that triggers may call it although the file's schema is not
  // trusted.
  return sqlite3_create_function_v2(database, "row_digest", -1,
                                    SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr,
                                    RowDigest, nullptr, nullptr, nullptr);
}

}  // namespace firebreak::controller
