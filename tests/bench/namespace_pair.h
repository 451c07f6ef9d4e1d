// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_NAMESPACE_PAIR_H_
#define FIREBREAK_TESTS_BENCH_NAMESPACE_PAIR_H_

#include <cstdint>
#include <functional>
#include <string>

namespace firebreak::bench {

// Two network namespaces, host and peer, joined by a veth pair that is named eth0 at both ends.
// They are removed with the object. A failure to make them ends the program: see Die.
class NamespacePair {
 public:
  static constexpr char kHostAddress[] = "10.78.0.1";
  static constexpr char kPeerAddress[] = "10.78.0.2";
  static constexpr char kFarAddress[] = "10.79.0.2";

  explicit NamespacePair(const std::string& name);
  ~NamespacePair();
  NamespacePair(const NamespacePair&) = delete;
  NamespacePair& operator=(const NamespacePair&) = delete;

  // Calls `body` on this thread while it is in the namespace; sockets made there stay there.
  void InHost(const std::function<void()>& body) const { In(host_, body); }
  void InPeer(const std::function<void()>& body) const { In(peer_, body); }

  // Makes a third namespace, behind the host's eth1, to which the host forwards what the peer
  // sends to kFarAddress.
  void AddFar();
  void InFar(const std::function<void()>& body) const { In(far_, body); }

  // Runs a shell command in the host's namespace; a failure ends the program.
  void RunInHost(const std::string& command) const;
  bool TryInHost(const std::string& command) const;

  // The Ethernet header of a frame from the peer to the host.
  std::string EthernetHeader() const;
  // The number of packets that have arrived at the host's eth0.
  uint64_t ReceivedByHost() const;

 private:
  static void In(const std::string& name, const std::function<void()>& body);

  const std::string host_, peer_, far_;
  bool has_far_ = false;
};

[[noreturn]] void Die(const std::string& message);
// Runs a shell command; a failure ends the program.
void Run(const std::string& command);

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_NAMESPACE_PAIR_H_
