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

// What the controller keeps of an enrolment token: never its secret, only the SHA-256 of it.
struct TokenRow {
  int64_t number = 0;  // in the order in which they were made; given by InsertToken
  std::string id;
  std::string secret_sha256;
  std::string created_by;
  absl::Time created_at;
  absl::Time expires_at;
  int64_t uses_left = 0;
  std::string host;  // that it is for, and may replace the key of; empty: any new one
  std::map<std::string, std::string> labels;
};

// Also deletes tokens that expired more than a week before the new one was created.
absl::Status InsertToken(Connection& connection, const TokenRow& token);

// The number of the newest token; every token that is made later has a higher one.
absl::StatusOr<int64_t> LastTokenNumber(Connection& connection);

// NotFound if there is no such token.
absl::StatusOr<TokenRow> FindToken(Connection& connection, absl::string_view id);

// FailedPrecondition if no use is left.
absl::Status UseToken(Connection& connection, absl::string_view id);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_TOKENS_H_
