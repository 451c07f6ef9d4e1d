// SPDX-License-Identifier: Apache-2.0
#include "controller/front/http2/session_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace firebreak::controller {
namespace {

// In front of each piece of memory, so that it is known how to give it back.
struct alignas(std::max_align_t) Head {
  size_t size;
  bool paged;
};

// nghttp2's buffer for a frame has 16,394 bytes.
constexpr size_t kLeastPaged = 16 << 10;
constexpr size_t kBlock = 20 << 10;
constexpr size_t kBlocksAtOnce = 256;

class Blocks {
 public:
  void* Take() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (free_.empty() && !Grow()) return nullptr;
    void* const block = free_.back();
    free_.pop_back();
    return block;
  }
  void GiveBack(void* block) ABSL_LOCKS_EXCLUDED(mutex_) {
    // The next owner needs one page, which a block keeps.
    absl::MutexLock lock(&mutex_);
    free_.push_back(block);
  }

 private:
  bool Grow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    void* const pages = mmap(nullptr, kBlock * kBlocksAtOnce, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) return false;
    // A huge page would be memory for all of it.
    madvise(pages, kBlock * kBlocksAtOnce, MADV_NOHUGEPAGE);
    for (size_t i = kBlocksAtOnce; i > 0; --i) {
      free_.push_back(static_cast<char*>(pages) + (i - 1) * kBlock);
    }
    return true;
  }

  absl::Mutex mutex_;
  std::vector<void*> free_ ABSL_GUARDED_BY(mutex_);
};

Blocks& ForFrames() {
  static Blocks& blocks = *new Blocks;
  return blocks;
}

Head* HeadOf(void* memory) { return static_cast<Head*>(memory) - 1; }

void* Allocate(size_t size, void*) {
  if (size > std::numeric_limits<size_t>::max() - sizeof(Head)) return nullptr;
  const bool paged = size >= kLeastPaged && size <= kBlock - sizeof(Head);
  void* const memory = paged ? ForFrames().Take() : malloc(sizeof(Head) + size);
  if (memory == nullptr) return nullptr;
  auto* const head = new (memory) Head{size, paged};
  return head + 1;
}

void Free(void* memory, void*) {
  if (memory == nullptr) return;
  Head* const head = HeadOf(memory);
  if (head->paged) {
    ForFrames().GiveBack(head);
  } else {
    free(head);
  }
}

void* AllocateZeroed(size_t count, size_t size, void*) {
  if (size != 0 && count > std::numeric_limits<size_t>::max() / size) return nullptr;
  void* const memory = Allocate(count * size, nullptr);
  if (memory != nullptr) memset(memory, 0, count * size);
  return memory;
}

void* Reallocate(void* old, size_t size, void*) {
  void* const memory = Allocate(size, nullptr);
  if (memory == nullptr || old == nullptr) return memory;
  memcpy(memory, old, std::min(size, HeadOf(old)->size));
  Free(old, nullptr);
  return memory;
}

}  // namespace

nghttp2_mem SessionMemory() { return {nullptr, Allocate, Free, AllocateZeroed, Reallocate}; }

}  // namespace firebreak::controller
