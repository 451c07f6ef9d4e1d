// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_OUTPUT_STANDARD_OUTPUT_H_
#define FIREBREAK_CLI_OUTPUT_STANDARD_OUTPUT_H_

#include <array>
#include <streambuf>

namespace firebreak::cli {

// Writes to a descriptor, and remembers whether anything was written and why writing failed. The
// descriptor must outlive it. Not thread-safe.
class StandardOutput : public std::streambuf {
 public:
  explicit StandardOutput(int descriptor);

  // Whether anything has been output, even if it is still in the buffer.
  bool used() const { return used_ || pptr() != pbase(); }
  // The errno of the first write that failed, after which nothing is written any more; 0: none has
  // failed.
  int error() const { return error_; }

 protected:
  int_type overflow(int_type character) override;
  int sync() override;

 private:
  const int descriptor_;
  std::array<char, 16384> buffer_;
  bool used_ = false;
  int error_ = 0;
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_OUTPUT_STANDARD_OUTPUT_H_
