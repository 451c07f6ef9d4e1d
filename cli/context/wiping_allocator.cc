// Replaces this program's operator new and delete: every block is overwritten before it is freed.
// The private key passes through yaml-cpp and gRPC's C++ layer, whose copies nobody else could
// wipe. The program is short-lived and moves little memory, so the cost is not felt.

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
