// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/kernel/counters/counters.h"
#include "agent/record/recorder.h"
#include "tests/bench/log_bench.h"
#include "tests/bench/log_fleet.h"
#include "tests/bench/namespace_pair.h"

namespace firebreak::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kFloodSeconds = 5;

// Sends datagrams to a closed port, as fast as one process can.
void Flood(const char* address) {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(9);
  inet_pton(AF_INET, address, &to.sin_addr);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) Die("connect");
  mmsghdr messages[256] = {};
  char byte = 'x';
  iovec part = {&byte, 1};
  for (mmsghdr& message : messages) {
    message.msg_hdr.msg_iov = &part;
    message.msg_hdr.msg_iovlen = 1;
  }
  for (const auto end = Clock::now() + std::chrono::seconds(kFloodSeconds); Clock::now() < end;) {
    sendmmsg(fd, messages, std::size(messages), 0);
  }
  close(fd);
}

uint64_t Counted() {
  auto counters = agent::Counters::Open();
  if (!counters.ok()) Die(std::string(counters.status().message()));
  return counters->Read()->at("drop.unsolicited");
}

// Runs `reader` in a process of its own while packets are dropped; returns the CPU seconds of that
// process.
double WhileFlooded(const std::function<void()>& reader, uint64_t& packets) {
  const pid_t child = fork();
  if (child == 0) {
    reader();
    _exit(1);
  }
  sleep(1);  // lets the reader start; the records will show that it has
  const uint64_t before = Counted();
  Flood("127.0.0.1");
  packets = Counted() - before;
  sleep(2);
  kill(child, SIGTERM);
  int status;
  rusage usage;
  wait4(child, &status, 0, &usage);
  return CpuOf(usage);
}

void RunOurs(const std::string& directory) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  {
    agent::Recorder recorder({.spool_directory = directory + "/spool",
                              .max_spool_bytes = uint64_t{1} << 30,
                              .log_directories = {directory}},
                             [](uint64_t, v1::LogBatch) {});
    auto context = std::make_shared<agent::RecordContext>();
    context->dropped = true;
    context->file = directory + "/ours.log";
    context->max_bytes = uint64_t{4} << 30;
    context->policy = std::make_shared<v1::EffectivePolicy>();
    recorder.Configure(std::move(context));
    int number;
    sigwait(&signals, &number);
  }
  _exit(0);
}

void RunUlogd(const std::string& directory) {
  const std::string configuration = directory + "/ulogd.conf";
  std::ofstream(configuration) << "[global]\nlogfile=\"" << directory << "/ulogd.out\""
                               << R"(
stack=log1:NFLOG,base1:BASE,ifi1:IFINDEX,ip2str1:IP2STR,print1:PRINTPKT,emu1:LOGEMU
[log1]
group=7464
netlink_socket_buffer_size=16777216
netlink_socket_buffer_maxsize=16777216
netlink_qthreshold=64
[emu1]
sync=0
)"
                               << "file=\"" << directory << "/ulogd.log\"\n";
  execlp("ulogd", "ulogd", "-c", configuration.c_str(), nullptr);
  Die("ulogd is not installed: deploy/install-packages bench");
}

uint64_t LinesWith(const std::string& path, const std::string& word, uint64_t* lost) {
  std::ifstream file(path);
  uint64_t count = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.find(word) != std::string::npos) ++count;
    const size_t at = line.find("INFO-EVENTS-LOST - - - - - - - - - - - - ");
    if (lost != nullptr && at != std::string::npos)
      *lost += strtoull(line.c_str() + at + 41, nullptr, 10);
  }
  return count;
}

// Records packets that this process sends itself, in a namespace of its own.
void BenchFile(const std::string& directory, double& their_rate) {
  const NamespacePair pair("file");
  pair.RunInHost(
      "nft 'table inet firebreak {\n counter drop.unsolicited {\n }\n"
      "chain output {\n type filter hook output priority 0\n udp dport 9 counter name "
      "drop.unsolicited log group 7464 prefix \"drop.unsolicited \" snaplen 128 "
      "queue-threshold 64 drop\n }\n }\n'");
  uint64_t our_packets = 0;
  uint64_t their_packets = 0;
  double our_cpu = 0;
  double their_cpu = 0;
  pair.InHost([&] {
    our_cpu = WhileFlooded([&] { RunOurs(directory); }, our_packets);
    their_cpu = WhileFlooded([&] { RunUlogd(directory); }, their_packets);
  });
  uint64_t lost = 0;
  const uint64_t ours = LinesWith(directory + "/ours.log", " DROP ", &lost);
  const uint64_t theirs = LinesWith(directory + "/ulogd.log", "DPT=9", nullptr);
  printf("ours: %lu packets counted, %lu in the file, %lu declared lost, %ld not accounted for\n",
         our_packets, ours, lost, static_cast<long>(our_packets - ours - lost));
  printf("ulogd2: %lu packets counted, %lu in the file, %lu lost uncounted\n", their_packets,
         theirs, their_packets - theirs);
  their_rate = static_cast<double>(theirs) / their_cpu;
  PrintRatio("kernel to file, against ulogd2", static_cast<double>(ours) / our_cpu, their_rate,
             "records/CPU s");
}

}  // namespace

void BenchCapture(const std::string& directory) {
  double ulogd = 0;
  BenchFile(directory, ulogd);
  const Delivered all = DeliverToController(directory, Flood);
  printf(
      "to the controller: %lu packets counted, %lu in its store, %lu declared lost; the agent took "
      "%.2f s of CPU, the controller %.2f s\n",
      all.counted, all.records, all.lost, all.agent_cpu, all.controller_cpu);
  PrintRatio("kernel to controller's store, against ulogd2's file",
             static_cast<double>(all.records) / (all.agent_cpu + all.controller_cpu), ulogd,
             "records/CPU s");
}

}  // namespace firebreak::bench
