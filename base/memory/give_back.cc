#include "base/memory/give_back.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace firebreak {
namespace {

// Segments of code are never written to, so that the file has all that is in them. Others may hold
// relocations, which would be lost.
int DropCode(dl_phdr_info* object, size_t, void*) {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & (PF_X | PF_W)) != PF_X) continue;
    const uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
    const uintptr_t first = begin & ~(page - 1);
    const uintptr_t end = (begin + segment.p_memsz + page - 1) & ~(page - 1);
    // The kernel's own, which is in no file, refuses; nothing is lost by that.
    madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void GiveBackMemory() {
  malloc_trim(0);
  dl_iterate_phdr(DropCode, nullptr);
}

}  // namespace firebreak
