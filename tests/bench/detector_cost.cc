// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/detector_cost.h"

#include <pthread.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "agent/hardening/stack_guard.h"
#include "agent/kernel/settings/settings.h"
#include "agent/kernel/sockets/half_open.h"
#include "agent/loop/event_loop.h"
#include "policy/hardening/resolve.h"
#include "tests/bench/datapath_loads.h"
#include "tests/bench/firewalls.h"
#include "tests/bench/namespace_pair.h"

namespace firebreak::bench {
namespace {

class Nobody : public agent::StackGuard::Listener {
  void StackChanged(v1::StackEvent) override {}
  void FactsChanged() override {}
  void PressureChanged(const agent::StackPressure&) override {}
};

// The agent's StackGuard on a thread of its own in the host's namespace.
class GuardThread {
 public:
  explicit GuardThread(const NamespacePair& pair)
      : thread_([this, &pair] {
          pair.InHost([this] {
            agent::EventLoop loop;
            agent::KernelSettings settings("");
            Nobody nobody;
            agent::StackGuard guard(loop, settings, nobody);
            loop_ = &loop;
            guard_ = &guard;
            ready_.Notify();
            loop.Run();
          });
        }) {
    ready_.WaitForNotification();
  }
  ~GuardThread() {
    loop_->Post([this] { loop_->Stop(); });
    thread_.join();
  }

  void Follow(const v1::Hardened& host) {
    loop_->Post([this, host] { guard_->Follow(host); });
  }

  // Returns the share of a core that the thread takes in the next `seconds`.
  double Share(int seconds) {
    const double before = CpuTime();
    sleep(static_cast<unsigned>(seconds));
    return (CpuTime() - before) / seconds;
  }

 private:
  double CpuTime() {
    clockid_t clock;
    timespec now = {};
    if (pthread_getcpuclockid(thread_.native_handle(), &clock) != 0 ||
        clock_gettime(clock, &now) != 0) {
      Die("read a thread's CPU time");
    }
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
  }

  absl::Notification ready_;
  agent::EventLoop* loop_ = nullptr;    // of the running thread
  agent::StackGuard* guard_ = nullptr;  // of the running thread
  std::thread thread_;
};

uint64_t Count(const NamespacePair& pair) {
  uint64_t count = 0;
  pair.InHost([&] {
    const auto counted = agent::CountHalfOpen();
    if (!counted.ok()) Die(counted.status().ToString());
    count = counted->connections;
  });
  return count;
}

}  // namespace

DetectorCost MeasureDetector(int seconds, int connections) {
  const NamespacePair pair("detector");
  // Room for all half-open connections, without SYN cookies, and with long timeouts.
  pair.RunInHost(
      "sysctl -qw net.ipv4.tcp_syncookies=0 net.ipv4.tcp_max_syn_backlog=65535 "
      "net.core.somaxconn=65535 net.ipv4.tcp_synack_retries=7");
  pair.RunInHost(
      absl::StrCat("ip route add ", HalfOpenFlood::kSources, " via ", NamespacePair::kPeerAddress));
  const Connections listener(pair, kMappedPort, Connections::To::kHost, /*backlog=*/65'535);
  GuardThread guard(pair);
  DetectorCost cost;
  cost.nothing = guard.Share(seconds);
  v1::Hardening recommended;
  recommended.set_preset(v1::Hardening::recommended);
  guard.Follow(policy::Harden(recommended, "bench", /*of_interface=*/false));
  cost.idle = guard.Share(seconds);
  HalfOpenFlood flood(pair, kMappedPort);
  flood.Send(connections);
  cost.half_open = Count(pair);
  if (cost.half_open < static_cast<uint64_t>(connections)) {
    Die(absl::StrCat("of ", connections, " connections ", cost.half_open, " are half open"));
  }
  cost.busy = guard.Share(seconds);
  cost.left = Count(pair);
  return cost;
}

}  // namespace firebreak::bench
