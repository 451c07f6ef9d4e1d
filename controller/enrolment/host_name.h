#ifndef FIREBREAK_CONTROLLER_ENROLMENT_HOST_NAME_H_
#define FIREBREAK_CONTROLLER_ENROLMENT_HOST_NAME_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace firebreak::controller {

// [a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?, which needs no escaping in a certificate's URI.
absl::Status CheckHostName(absl::string_view name);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ENROLMENT_HOST_NAME_H_
