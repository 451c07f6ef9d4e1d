// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/simulated/scoreboard.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace firebreak::bench {

Scoreboard& MakeScoreboard() {
  void* memory =
      mmap(nullptr, sizeof(Scoreboard), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    perror("mmap");
    exit(1);
  }
  return *new (memory) Scoreboard;
}

size_t Count(const Scoreboard& board, size_t hosts,
             const std::function<bool(const Scoreboard::Host&)>& holds) {
  return static_cast<size_t>(std::count_if(board.hosts, board.hosts + hosts, holds));
}

}  // namespace firebreak::bench
