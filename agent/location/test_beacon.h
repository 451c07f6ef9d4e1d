// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCATION_TEST_BEACON_H_
#define FIREBREAK_AGENT_LOCATION_TEST_BEACON_H_

#include <netinet/in.h>
#include <sys/types.h>

#include <string>

#include "firebreak/v1/resources.pb.h"

namespace firebreak::agent {

// For tests: a beacon run by the real programs, in a network namespace that the test has entered.
// The namespace's loopback interface plays the role of a link, so packets pass no router. The
// programs are data dependencies of the test. Whatever goes wrong fails the test.
class TestBeacon {
 public:
  static constexpr char kAddress[] = "127.0.0.1:7444";

  // Enters a new network namespace. Returns false if the test is not run by root.
  static bool EnterNamespace();
  // The beacon's address, for use with sockets.
  static sockaddr_in Address();

  TestBeacon();
  ~TestBeacon();
  TestBeacon(const TestBeacon&) = delete;
  TestBeacon& operator=(const TestBeacon&) = delete;

  // Makes the keys of the location `name` in the given folder.
  v1::Beacon MakeLocation(const std::string& name, const std::string& folder);
  // Starts the beacon with the keys in the folder, after stopping the one that runs; returns once
  // the beacon listens.
  void Serve(const std::string& name, const std::string& folder);
  void Stop();

 private:
  std::string directory_;
  pid_t process_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_TEST_BEACON_H_
