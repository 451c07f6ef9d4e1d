// The log: packets from the kernel to a file, by our recorder (which spools them for the controller
// too) and by ulogd2; batches into the controller's store and into SQLite; a search of ten million
// records. In one run, in a network namespace of its own; ratios are per second of CPU.

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "agent/kernel/counters/counters.h"
#include "agent/record/recorder.h"
#include "controller/log/segment_store.h"
#include "proto/log/batch.h"

namespace firebreak::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kFloodSeconds = 5;
constexpr uint64_t kStored = 10'000'000;
constexpr uint64_t kHosts = 20;
constexpr absl::Time kBegin = absl::FromUnixSeconds(1'795'219'200);
constexpr char kDirectory[] = "/tmp/fbt-bench-log";

[[noreturn]] void Die(const std::string& message) {
  fprintf(stderr, "%s\n", message.c_str());
  exit(1);
}

void Run(const std::string& command) {
  if (system(command.c_str()) != 0) Die(absl::StrCat("failed: ", command));
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double CpuOf(const rusage& usage) { return Seconds(usage.ru_utime) + Seconds(usage.ru_stime); }

double OwnCpu() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return CpuOf(usage);
}

// Datagrams to nobody, as fast as one process can send them.
void Flood() {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(9);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
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

// Has `reader` read in a process of its own while packets are dropped; returns its CPU seconds.
double WhileFlooded(const std::function<void()>& reader, uint64_t& packets) {
  const pid_t child = fork();
  if (child == 0) {
    reader();
    _exit(1);
  }
  sleep(1);  // a reader begins; that it has, the records tell
  const uint64_t before = Counted();
  Flood();
  packets = Counted() - before;
  sleep(2);
  kill(child, SIGTERM);
  int status;
  rusage usage;
  wait4(child, &status, 0, &usage);
  return CpuOf(usage);
}

void RunOurs() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  {
    agent::Recorder recorder({.spool_directory = absl::StrCat(kDirectory, "/spool"),
                              .max_spool_bytes = uint64_t{1} << 30},
                             [](uint64_t, v1::LogBatch) {});
    auto context = std::make_shared<agent::RecordContext>();
    context->dropped = true;
    context->file = absl::StrCat(kDirectory, "/ours.log");
    context->max_bytes = uint64_t{4} << 30;
    context->policy = std::make_shared<v1::EffectivePolicy>();
    recorder.Configure(std::move(context));
    int number;
    sigwait(&signals, &number);
  }
  _exit(0);
}

void RunUlogd() {
  std::ofstream(absl::StrCat(kDirectory, "/ulogd.conf")) << R"([global]
logfile="/tmp/fbt-bench-log/ulogd.out"
stack=log1:NFLOG,base1:BASE,ifi1:IFINDEX,ip2str1:IP2STR,print1:PRINTPKT,emu1:LOGEMU
[log1]
group=7464
netlink_socket_buffer_size=16777216
netlink_socket_buffer_maxsize=16777216
netlink_qthreshold=64
[emu1]
file="/tmp/fbt-bench-log/ulogd.log"
sync=0
)";
  execlp("ulogd", "ulogd", "-c", "/tmp/fbt-bench-log/ulogd.conf", nullptr);
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

void Print(const char* what, double ours, double theirs, const char* unit) {
  printf("%-44s %14.0f %14.0f %8.2f  %s\n", what, ours, theirs, ours / theirs, unit);
  printf(
      "{\"what\": \"%s\", \"ours\": %.0f, \"theirs\": %.0f, \"ratio\": %.3f, \"unit\": \"%s\"}\n",
      what, ours, theirs, ours / theirs, unit);
}

void BenchFile() {
  if (unshare(CLONE_NEWNET) != 0) Die("needs root");
  Run("ip link set lo up && nft 'table inet firebreak {\n counter drop.unsolicited {\n }\n"
      "chain output {\n type filter hook output priority 0\n udp dport 9 counter name "
      "drop.unsolicited log group 7464 prefix \"drop.unsolicited \" snaplen 128 "
      "queue-threshold 64 drop\n }\n }\n'");
  uint64_t our_packets = 0;
  const double our_cpu = WhileFlooded(RunOurs, our_packets);
  uint64_t lost = 0;
  const uint64_t ours = LinesWith(absl::StrCat(kDirectory, "/ours.log"), " DROP ", &lost);
  uint64_t their_packets = 0;
  const double their_cpu = WhileFlooded(RunUlogd, their_packets);
  const uint64_t theirs = LinesWith(absl::StrCat(kDirectory, "/ulogd.log"), "DPT=9", nullptr);
  printf("ours: %lu packets counted, %lu in the file, %lu declared lost, %ld not accounted for\n",
         our_packets, ours, lost, static_cast<long>(our_packets - ours - lost));
  printf("ulogd2: %lu packets counted, %lu in the file, %lu lost uncounted\n", their_packets,
         theirs, their_packets - theirs);
  Print("kernel to file, against ulogd2", static_cast<double>(ours) / our_cpu,
        static_cast<double>(theirs) / their_cpu, "records/CPU s");
}

std::vector<Record> Records(uint64_t batch, Texts& texts) {
  std::vector<Record> records(kMaxBatchRecords);
  for (size_t i = 0; i < records.size(); ++i) {
    Record& record = records[i];
    const uint64_t mixed = (batch * kMaxBatchRecords + i) * 0x9e3779b97f4a7c15;
    const auto fraction = static_cast<double>(batch * kMaxBatchRecords + i) / kStored;
    record.time_micros = absl::ToUnixMicros(kBegin + absl::Hours(24) * fraction);
    record.action = Action::kDrop;
    record.family = 4;
    record.protocol = 6;
    record.has = Record::kPorts | Record::kTcp | Record::kSize;
    record.source.low = mixed >> 32;
    record.destination.low = 0x0a000000 + batch % kHosts;
    record.source_port = static_cast<uint16_t>(mixed >> 16);
    record.destination_port = static_cast<uint16_t>(mixed % 1024);
    record.size = 60;
    record.tcp_flags = 2;
    record.tcp_sequence = static_cast<uint32_t>(mixed);
    record.tcp_window = 64240;
    record.interface = texts.Intern("eth0");
    record.location = texts.Intern("elsewhere");
    record.policy = texts.Intern("everywhere");
    record.reason = texts.Intern("unsolicited");
  }
  return records;
}

double InsertIntoSqlite(uint64_t batches) {
  sqlite3* database = nullptr;
  sqlite3_open(absl::StrCat(kDirectory, "/log.db").c_str(), &database);
  sqlite3_exec(
      database,
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE log(host TEXT, "
      "time INTEGER, action INTEGER, protocol INTEGER, source INTEGER, destination INTEGER,"
      " source_port INTEGER, destination_port INTEGER, size INTEGER, flags INTEGER, "
      "sequence INTEGER, window INTEGER, interface TEXT, policy TEXT, reason TEXT)",
      nullptr, nullptr, nullptr);
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(database, "INSERT INTO log VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", -1, &insert,
                     nullptr);
  double cpu = 0;
  for (uint64_t batch = 0; batch < batches; ++batch) {
    Texts texts;
    const std::vector<Record> records = Records(batch, texts);
    const double begin = OwnCpu();
    sqlite3_exec(database, "BEGIN", nullptr, nullptr, nullptr);
    for (const Record& record : records) {
      const int64_t numbers[] = {record.time_micros,
                                 static_cast<int64_t>(record.action),
                                 record.protocol,
                                 static_cast<int64_t>(record.source.low),
                                 static_cast<int64_t>(record.destination.low),
                                 record.source_port,
                                 record.destination_port,
                                 static_cast<int64_t>(record.size),
                                 record.tcp_flags,
                                 record.tcp_sequence,
                                 record.tcp_window};
      sqlite3_bind_text(insert, 1, "web-1", -1, SQLITE_STATIC);
      for (int i = 0; i < 11; ++i) sqlite3_bind_int64(insert, 2 + i, numbers[i]);
      int column = 13;
      for (const uint16_t text : {record.interface, record.policy, record.reason}) {
        sqlite3_bind_text(insert, column++, texts[text].c_str(), -1, SQLITE_STATIC);
      }
      sqlite3_step(insert);
      sqlite3_reset(insert);
    }
    sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr);
    cpu += OwnCpu() - begin;
  }
  sqlite3_finalize(insert);
  sqlite3_close(database);
  return static_cast<double>(batches * kMaxBatchRecords) / cpu;
}

void BenchStore() {
  auto store = controller::SegmentStore::Open(absl::StrCat(kDirectory, "/store"), {});
  if (!store.ok()) Die(std::string(store.status().message()));
  BatchEncoder encoder;
  double cpu = 0;
  uint64_t wire = 0;
  std::vector<uint64_t> next(kHosts, 1);
  const uint64_t batches = kStored / kMaxBatchRecords;
  for (uint64_t batch = 0; batch < batches; ++batch) {
    Texts texts;
    const std::vector<Record> records = Records(batch, texts);
    controller::HostBatch one = {.host = absl::StrCat("web-", batch % kHosts),
                                 .epoch = 1,
                                 .first_sequence = next[batch % kHosts],
                                 .columns = encoder.Encode(records, texts)};
    next[batch % kHosts] += records.size();
    wire += one.columns.size();
    const double begin = OwnCpu();
    if (!(*store)->Append({&one, 1}, absl::Now()).ok() || !one.status.ok()) Die("append");
    cpu += OwnCpu() - begin;
  }
  const double records = static_cast<double>(batches * kMaxBatchRecords);
  Print("controller takes in, against SQLite", records / cpu, InsertIntoSqlite(200),
        "records/CPU s");
  printf("%.1f bytes a record on the wire, %.1f on disk\n", static_cast<double>(wire) / records,
         static_cast<double>((*store)->bytes()) / records);

  // As a controller finds it that has just begun.
  store->reset();
  store = controller::SegmentStore::Open(absl::StrCat(kDirectory, "/store"), {});
  controller::LogQuery query;
  query.hosts = {"web-7"};
  query.since = absl::ToUnixMicros(kBegin + absl::Hours(11));
  query.until = absl::ToUnixMicros(kBegin + absl::Hours(12));
  for (const char* when : {"the first time", "again"}) {
    const auto begin = Clock::now();
    uint64_t found = 0;
    controller::LogPosition position = (*store)->Begin();
    while (
        *(*store)->Read(query, position, 512, [&](const controller::StoredRecord&) { ++found; })) {
    }
    const std::chrono::duration<double, std::milli> taken = Clock::now() - begin;
    printf("one host and hour of %.0f records: %lu found in %.1f ms, %s\n", records, found,
           taken.count(), when);
  }
}

int Main() {
  Run(absl::StrCat("rm -rf ", kDirectory, " && mkdir -m 0700 ", kDirectory));
  printf("%-44s %14s %14s %8s\n", "", "ours", "theirs", "ratio");
  BenchStore();
  BenchFile();
  Run(absl::StrCat("rm -rf ", kDirectory));
  return 0;
}

}  // namespace
}  // namespace firebreak::bench

int main() { return firebreak::bench::Main(); }
