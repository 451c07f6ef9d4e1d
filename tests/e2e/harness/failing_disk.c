// SPDX-License-Identifier: Apache-2.0

// Preloaded into a program: while the file that FIREBREAK_TEST_FAILING names is there, the disk does
// not confirm that anything was written.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int Sync(const char* name, int descriptor) {
  const char* failing = getenv("FIREBREAK_TEST_FAILING");
  if (failing != NULL && access(failing, F_OK) == 0) {
    errno = EIO;
    return -1;
  }
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  return real(descriptor);
}

int fsync(int descriptor) { return Sync("fsync", descriptor); }
int fdatasync(int descriptor) { return Sync("fdatasync", descriptor); }
