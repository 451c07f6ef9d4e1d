// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_STORE_TOKENS_H_
#define FIREBREAK_CONTROLLER_STORE_TOKENS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "controller/store/connection.h"

namespace firebreak::controller {

// The controller's record of an enrolment token; instead of the secret it has only its SHA-256.
struct TokenRow {
  int64_t number = 0;  // in the order of creation; assigned by InsertToken
  std::string id;
  std::string secret_sha256;
  std::string created_by;
  absl::Time created_at;
  absl::Time expires_at;
  int64_t uses_left = 0;
  std::string host;  // the host that it is for, whose key it may replace; empty: any new host
  std::map<std::string, std::string> labels;
};

// Inserts the token, and deletes tokens that expired more than a week before it was created.
absl::Status InsertToken(Connection& connection, const TokenRow& token);

// Returns the number of the newest token; every later token gets a higher one.
absl::StatusOr<int64_t> LastTokenNumber(Connection& connection);

// NotFound if there is no such token.
absl::StatusOr<TokenRow> FindToken(Connection& connection, absl::string_view id);

// FailedPrecondition if no use is left.
absl::Status UseToken(Connection& connection, absl::string_view id);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_TOKENS_H_
