// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_STATUS_STATUS_H_
#define FIREBREAK_BASE_STATUS_STATUS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Evaluates an absl::Status and returns it from the calling function if it is an error.
#define RETURN_IF_ERROR(expression)                                                         \
  do {                                                                                      \
    if (absl::Status return_if_error_status = (expression); !return_if_error_status.ok()) { \
      return return_if_error_status;                                                        \
    }                                                                                       \
  } while (false)

// Evaluates an absl::StatusOr, returns its status if it is an error, and else moves its value into
// `declaration`, which declares a variable or names one:
//
//   ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
//
// A declaration with a comma outside parentheses (std::map<A, B> x) needs a type alias or `auto`.
#define ASSIGN_OR_RETURN(declaration, expression) \
  FIREBREAK_ASSIGN_OR_RETURN(FIREBREAK_CONCAT(status_or_, __LINE__), declaration, expression)

#define FIREBREAK_CONCAT(a, b) FIREBREAK_CONCAT_EXPANDED(a, b)
#define FIREBREAK_CONCAT_EXPANDED(a, b) a##b
#define FIREBREAK_ASSIGN_OR_RETURN(result, declaration, expression) \
  auto result = (expression);                                       \
  if (!result.ok()) return std::move(result).status();              \
  declaration = *std::move(result)

#endif  // FIREBREAK_BASE_STATUS_STATUS_H_
