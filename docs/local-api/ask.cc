// SPDX-License-Identifier: Apache-2.0

// Asks this host's Firebreak agent to let TCP connections in at a port while this program runs.
//
//   protoc -I proto --cpp_out=. proto/firebreak/v1/*.proto
//   g++ -std=c++17 -I. ask.cc firebreak/v1/*.cc -lprotobuf -o ask
//   ./ask 8080 "a demonstration"
//
// docs/local-api.md explains the protocol.

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <stdexcept>

#include "agent.h"

namespace v1 = firebreak::v1;

template <typename List>
bool Has(const List& list, uint64_t number) {
  return std::any_of(list.begin(), list.end(),
                     [&](const v1::LocalMapping& one) { return one.number() == number; });
}

int main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: ask PORT REASON [SOCKET]\n");
    return 2;
  }
  try {
    Agent agent(argc > 3 ? argv[3] : "/run/firebreak/agent.sock");
    v1::Question question;
    v1::LocalMapping& wanted = *question.mutable_local_mapping()->mutable_ask();
    wanted.mutable_mapping()->set_protocol("tcp");
    wanted.mutable_mapping()->add_ports(argv[1]);
    wanted.set_reason(argv[2]);
    wanted.set_unit("process");  // it ends with this program
    const uint64_t number = agent.Ask(question).local_mapping().number();
    printf("request %llu waits for an administrator\n", static_cast<unsigned long long>(number));
    fflush(stdout);
    for (;; sleep(1)) {
      v1::Question list;
      list.mutable_local_mapping()->mutable_list();
      const v1::LocalMappingAnswer known = agent.Ask(list).local_mapping();
      if (Has(known.open(), number)) break;
      if (!Has(known.asked(), number)) {
        fprintf(stderr, "request %llu is refused\n", static_cast<unsigned long long>(number));
        return 1;
      }
    }
    printf("request %llu is granted\n", static_cast<unsigned long long>(number));
    fflush(stdout);
    while (getchar() != EOF) {  // here the program would serve; until its input ends
    }
  } catch (const std::runtime_error& error) {
    fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
