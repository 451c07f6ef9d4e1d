// SPDX-License-Identifier: Apache-2.0

// Replaces this program's operator new and delete: every block is overwritten before it is freed.
// The private key passes through yaml-cpp and gRPC's C++ layer, whose copies cannot be wiped in any
// other way. The program is short-lived and uses little memory, so the cost does not matter.

#include <malloc.h>
#include <openssl/crypto.h>

#include <cstdlib>
#include <new>

void* operator new(std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-no-malloc): this is the allocator.
  void* block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void operator delete(void* block) noexcept {
  if (block == nullptr) return;
  OPENSSL_cleanse(block, malloc_usable_size(block));
  std::free(block);
}

void operator delete(void* block, std::size_t) noexcept { operator delete(block); }
