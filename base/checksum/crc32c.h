// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_CHECKSUM_CRC32C_H_
#define FIREBREAK_BASE_CHECKSUM_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace firebreak {

// The CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `bytes`. To checksum data in parts, pass the
// CRC of the preceding part as `before`.
uint32_t Crc32c(absl::string_view bytes, uint32_t before = 0);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_CHECKSUM_CRC32C_H_
