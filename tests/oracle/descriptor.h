#ifndef FIREBREAK_TESTS_ORACLE_DESCRIPTOR_H_
#define FIREBREAK_TESTS_ORACLE_DESCRIPTOR_H_

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <utility>

namespace firebreak::oracle {

// A file descriptor, owned.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int get() const { return number_; }

 private:
  int number_ = -1;
};

// Ends the process with errno's meaning if what a system call returned says that it failed.
inline int Must(int result, const char* what) {
  if (result < 0) {
    perror(what);
    exit(2);
  }
  return result;
}

}  // namespace firebreak::oracle

#endif  // FIREBREAK_TESTS_ORACLE_DESCRIPTOR_H_
