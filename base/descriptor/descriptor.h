// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_DESCRIPTOR_DESCRIPTOR_H_
#define FIREBREAK_BASE_DESCRIPTOR_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace firebreak {

// Owns an open file descriptor, or none (-1).
class Descriptor {
 public:
  explicit Descriptor(int descriptor = -1) : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Descriptor() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  int get() const { return descriptor_; }

  // Gives up ownership: the caller must close the descriptor.
  int Release() && { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

}  // namespace firebreak

#endif  // FIREBREAK_BASE_DESCRIPTOR_DESCRIPTOR_H_
