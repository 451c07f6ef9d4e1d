#ifndef FIREBREAK_CLI_OUTPUT_STANDARD_OUTPUT_H_
#define FIREBREAK_CLI_OUTPUT_STANDARD_OUTPUT_H_

#include <array>
#include <streambuf>

namespace firebreak::cli {

// Writes to a descriptor, which outlives it, and remembers whether anything was written and why
// writing failed. For one thread.
class StandardOutput : public std::streambuf {
 public:
  explicit StandardOutput(int descriptor);

  // Whether anything has been put in, written yet or not.
  bool used() const { return used_ || pptr() != pbase(); }
  // The errno of the write that failed; 0: none has. Nothing is written any more then.
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
