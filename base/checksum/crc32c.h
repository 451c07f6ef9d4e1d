#ifndef FIREBREAK_BASE_CHECKSUM_CRC32C_H_
#define FIREBREAK_BASE_CHECKSUM_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace firebreak {

// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of what `before` is that of, and `bytes` behind it.
uint32_t Crc32c(absl::string_view bytes, uint32_t before = 0);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_CHECKSUM_CRC32C_H_
