// SPDX-License-Identifier: Apache-2.0
#include "agent/location/test_beacon.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/descriptor/descriptor.h"

namespace firebreak::agent {

bool TestBeacon::EnterNamespace() {
  return unshare(CLONE_NEWNET) == 0 && system("ip link set lo up") == 0;
}

sockaddr_in TestBeacon::Address() {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(7444);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

TestBeacon::TestBeacon() {
  std::string pattern = testing::TempDir() + "/beaconXXXXXX";
  directory_ = mkdtemp(pattern.data());
}

TestBeacon::~TestBeacon() {
  Stop();
  std::filesystem::remove_all(directory_);
}

v1::Beacon TestBeacon::MakeLocation(const std::string& name, const std::string& folder) {
  const std::string path = directory_ + "/" + folder;
  EXPECT_EQ(system(absl::StrCat("mkdir -p ", path, " && cli/firebreak location create ", name,
                                " --directory ", path, " --address ", kAddress, " >", path,
                                "/yaml 2>", path, "/log")
                       .c_str()),
            0);
  std::ifstream file(path + "/" + name + ".ca.pem");
  const std::string pem((std::istreambuf_iterator<char>(file)), {});
  v1::Beacon beacon;
  beacon.set_address(kAddress);
  beacon.set_server_name("beacon." + name + ".internal");
  // Drops the private key in front of the certificate.
  const size_t certificate = pem.find("-----BEGIN CERTIFICATE");
  EXPECT_NE(certificate, std::string::npos);
  if (certificate != std::string::npos) beacon.set_ca(pem.substr(certificate));
  return beacon;
}

void TestBeacon::Serve(const std::string& name, const std::string& folder) {
  Stop();
  const std::string path = absl::StrCat(directory_, "/", folder, "/", name, ".beacon.pem");
  process_ = fork();
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execl("controller/beacon/firebreak-beacon", "firebreak-beacon", "--listen", kAddress, "--key",
          path.c_str(), nullptr);
    _exit(1);
  }
  const sockaddr_in address = Address();
  for (bool listens = false; !listens; std::this_thread::yield()) {
    const Descriptor client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    listens =
        connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ASSERT_EQ(waitpid(process_, nullptr, WNOHANG), 0) << "the beacon ended";
  }
}

void TestBeacon::Stop() {
  if (process_ <= 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = 0;
}

}  // namespace firebreak::agent
