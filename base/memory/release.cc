// SPDX-License-Identifier: Apache-2.0
#include "base/memory/release.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace firebreak {
namespace {

// Only code segments are dropped. They are never written to, so their pages can be read from the
// file again. Other segments may contain relocations, which would be lost.
int DropCode(dl_phdr_info* object, size_t, void*) {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & (PF_X | PF_W)) != PF_X) continue;
    const uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
    const uintptr_t first = begin & ~(page - 1);
    const uintptr_t end = (begin + segment.p_memsz + page - 1) & ~(page - 1);
    // madvise fails for the vDSO, which no file backs; its pages then stay, which does no harm.
    madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void ReleaseFreeMemory() {
  malloc_trim(0);
  dl_iterate_phdr(DropCode, nullptr);
}

}  // namespace firebreak
