// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/simulated/swarm.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <vector>

#include "absl/strings/strip.h"
#include "proto/endpoint/enrolment.h"
#include "tests/bench/simulated/process_clock.h"
#include "tests/bench/simulated/simulated_host.h"

namespace firebreak::bench {
namespace {

constexpr size_t kEnrollingAtOnce = 24;

// The process's side: obeys commands, one a line, until the other end of the pipe is closed.
class Hosts final : public TurnLoop::Watcher {
 public:
  Hosts(Scoreboard& board, size_t first, size_t end, int port, const std::string& ca, int commands)
      : enrolling_(MakeClientContext("", kEnrolmentAlpn)),
        context_(MakeClientContext(ca, kHttp2Alpn)),
        world_{loop_, board, {}, enrolling_.get(), context_.get()},
        commands_(commands) {
    world_.controller.sin_family = AF_INET;
    world_.controller.sin_port = htons(static_cast<uint16_t>(port));
    world_.controller.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (size_t i = first; i < end; ++i) {
      hosts_.push_back(std::make_unique<SimulatedHost>(world_, i));
    }
    loop_.Watch(commands_, EPOLLIN, this);
  }

  void Run() {
    while (commands_ >= 0) loop_.Turn(std::chrono::milliseconds(100));
  }

 private:
  void OnEvents(uint32_t) override {
    char buffer[4096];
    const ssize_t size = read(commands_, buffer, sizeof buffer);
    if (size <= 0) {
      commands_ = -1;
      return;
    }
    text_.append(buffer, static_cast<size_t>(size));
    for (size_t end = 0; (end = text_.find('\n')) != std::string::npos;) {
      Obey(text_.substr(0, end));
      text_.erase(0, end + 1);
    }
  }

  void Obey(absl::string_view command) {
    if (absl::ConsumePrefix(&command, "enrol ")) {
      token_ = std::string(command);
      for (size_t i = 0; i < kEnrollingAtOnce; ++i) EnrolNext();
    } else {
      for (const auto& host : hosts_) host->Connect();
    }
  }

  void EnrolNext() {
    if (next_ < hosts_.size()) hosts_[next_++]->Enrol(token_, [this] { EnrolNext(); });
  }

  TurnLoop loop_;
  const SslContextPtr enrolling_;
  const SslContextPtr context_;
  SimulatedHost::World world_;
  int commands_;
  std::string text_;
  std::string token_;
  size_t next_ = 0;
  std::vector<std::unique_ptr<SimulatedHost>> hosts_;
};

}  // namespace

Swarm::Swarm(Scoreboard& board, size_t first, size_t end, int port, const std::string& ca) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    perror("pipe");
    exit(1);
  }
  process_ = fork();
  if (process_ == 0) {
    close(ends[1]);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    Hosts(board, first, end, port, ca, ends[0]).Run();
    _exit(0);
  }
  close(ends[0]);
  commands_ = Descriptor(ends[1]);
}

Swarm::~Swarm() { End(process_); }

double Swarm::Cpu() const { return CpuOf(process_); }

void Swarm::Tell(const std::string& command) {
  const std::string line = command + "\n";
  if (write(commands_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    perror("tell the simulated hosts");
    exit(1);
  }
}

}  // namespace firebreak::bench
