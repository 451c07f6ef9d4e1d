// SPDX-License-Identifier: Apache-2.0

// Says how this host's firewall stands, and lets others ping the host while this program runs. Run
// it as root.
//
//   protoc -I proto --cpp_out=. proto/firebreak/v1/*.proto
//   g++ -std=c++17 -I. options.cc firebreak/v1/*.cc -lprotobuf -o options
//   ./options
//
// docs/local-api.md explains the protocol.

#include <cstdio>
#include <stdexcept>

#include "agent.h"

namespace v1 = firebreak::v1;

int main(int argc, char** argv) {
  try {
    Agent agent(argc > 1 ? argv[1] : "/run/firebreak/agent.sock");
    v1::Question which;
    which.mutable_interfaces();
    // The answer, and what it consists of, must live as long as it is looked at.
    const v1::Answer interfaces = agent.Ask(which);
    for (const v1::InterfaceReport& one : interfaces.interfaces().interfaces()) {
      printf("%s: firewall %s at %s\n", one.interface().name().c_str(),
             one.state().firewall().c_str(), one.state().location().c_str());
    }
    v1::Question set;
    set.mutable_local_switch()->mutable_icmp()->mutable_messages()->add_items("echo-request");
    set.mutable_local_switch()->set_reason("a test of the link");
    agent.Ask(set);
    printf("pings are answered\n");
    fflush(stdout);
    while (getchar() != EOF) {  // here the program would test; until its input ends
    }
    v1::Question end;
    end.mutable_local_switch()->mutable_icmp();  // as the policies say
    agent.Ask(end);
    printf("as the policies say\n");
  } catch (const std::runtime_error& error) {
    fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
