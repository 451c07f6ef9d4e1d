// SPDX-License-Identifier: Apache-2.0
#include "cli/output/standard_output.h"

#include <cerrno>

#include "base/files/files.h"

namespace firebreak::cli {

StandardOutput::StandardOutput(int descriptor) : descriptor_(descriptor) {
  setp(buffer_.data(), buffer_.data() + buffer_.size());
}

StandardOutput::int_type StandardOutput::overflow(int_type character) {
  if (sync() != 0) return traits_type::eof();
  if (!traits_type::eq_int_type(character, traits_type::eof())) {
    sputc(traits_type::to_char_type(character));
  }
  return traits_type::not_eof(character);
}

int StandardOutput::sync() {
  used_ = used();
  if (error_ == 0 && pptr() != pbase() &&
      !WriteAll(descriptor_, {pbase(), static_cast<size_t>(pptr() - pbase())})) {
    error_ = errno;
  }
  setp(buffer_.data(), buffer_.data() + buffer_.size());
  return error_ == 0 ? 0 : -1;
}

}  // namespace firebreak::cli
