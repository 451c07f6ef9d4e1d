#ifndef FIREBREAK_AGENT_LOCATION_TEST_BEACON_H_
#define FIREBREAK_AGENT_LOCATION_TEST_BEACON_H_

#include <netinet/in.h>
#include <sys/types.h>

#include <string>

#include "firebreak/v1/resources.pb.h"

namespace firebreak::agent {

// For tests: a beacon as users run it, in a network namespace that the test has entered, whose
// loopback interface takes the place of a link: its packets pass no router. The programs are data
// of the test. What cannot be done is a failure of the test.
class TestBeacon {
 public:
  static constexpr char kAddress[] = "127.0.0.1:7444";

  // Enters a network namespace. False: the test needs root.
  static bool EnterNamespace();
  // The beacon's address, for sockets.
  static sockaddr_in Address();

  TestBeacon();
  ~TestBeacon();
  TestBeacon(const TestBeacon&) = delete;
  TestBeacon& operator=(const TestBeacon&) = delete;

  // Keys of a location of that name, in a folder of that name.
  v1::Beacon MakeLocation(const std::string& name, const std::string& folder);
  // Serves with the key of a folder, in the place of what served before; returns once it listens.
  void Serve(const std::string& name, const std::string& folder);
  void Stop();

 private:
  std::string directory_;
  pid_t process_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_TEST_BEACON_H_
