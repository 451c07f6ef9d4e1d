// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_RECORD_WORK_H_
#define FIREBREAK_AGENT_RECORD_WORK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "agent/kernel/conntrack/conntrack.h"
#include "agent/kernel/conntrack/events.h"
#include "agent/kernel/counters/counters.h"
#include "agent/kernel/nflog/nflog.h"
#include "agent/loop/event_loop.h"
#include "agent/record/connections.h"
#include "agent/record/context.h"
#include "agent/record/describe.h"
#include "agent/record/ledger.h"
#include "agent/record/log_file.h"
#include "agent/record/log_stats.h"
#include "agent/record/outbox.h"
#include "agent/record/recorder.h"
#include "agent/record/spool.h"
#include "proto/log/batch.h"
#include "proto/log/w3c.h"

namespace firebreak::agent {

// The work of the recorder's thread: reads the kernel's events, makes records, writes them to the
// file and the spool, and has the outbox send them.
//
// Threading: all methods except the constructor and figures() must be called on the thread of
// `loop`, which must outlive this object.
class RecordWork {
 public:
  RecordWork(EventLoop& loop, Recorder::Options options, Recorder::Send send);
  ~RecordWork();
  RecordWork(const RecordWork&) = delete;
  RecordWork& operator=(const RecordWork&) = delete;

  void Configure(std::shared_ptr<const RecordContext> context);
  void NoteAttack(bool began);
  void BeginStream(uint64_t stream);
  void Acknowledge(const v1::LogAcknowledgement& acknowledgement);

  // Any thread may call this.
  LogStats stats() const ABSL_LOCKS_EXCLUDED(stats_mutex_);

 private:
  absl::Status OpenSpool();
  // Whether to listen to what the kernel logs: drops, or packets that mappings with `log` decide
  // about.
  bool Listens() const;
  absl::Status BeginDropped();
  void EndDropped();
  absl::Status BeginConnections();
  void EndConnections();
  void Begin();

  // Returns true once all packets that the kernel had to deliver have been read.
  bool DrainDropped();
  void OnDropped();
  void OnConnections();
  void TakeFlow(FlowEvents::Kind kind, const Flow& flow, int64_t now);
  void Count(const std::string& counter);
  void Flush();
  absl::Status AppendToSpool();
  void CountFlushed(uint64_t file_lost, bool in_spool) ABSL_LOCKS_EXCLUDED(stats_mutex_);
  void CountSpooled() ABSL_LOCKS_EXCLUDED(stats_mutex_);

  // Schedules a comparison of the records with the kernel's counters.
  void CheckSoon();
  void BeginCheck();
  void FinishCheck();
  void Declare(const std::string& what, uint64_t lost);

  void Tell(absl::Status& last, const absl::Status& now, const char* well);
  void TellProblem();

  EventLoop& loop_;
  const Recorder::Options options_;
  std::shared_ptr<const RecordContext> context_;
  std::optional<Nflog> nflog_;
  std::optional<Counters> counters_;
  std::optional<FlowEvents> flows_;
  std::optional<Conntrack> flow_table_;  // to ask for a closed connection's byte counts
  Connections connections_seen_;
  std::optional<Spool> spool_;
  std::unique_ptr<LogFile> file_;
  std::optional<Outbox> outbox_;
  const Recorder::Send send_;
  uint64_t stream_ = 0;
  EventLoop::Timer retry_ = 0;

  Describer describer_;
  Ledger ledger_;
  std::vector<Record> records_;
  // The number of packets that `records_` stand for, by counter.
  std::vector<std::pair<std::string, uint64_t>> counted_;
  std::vector<Ledger::Loss> declared_;
  uint64_t connections_ = 0;       // connections that `records_` stand for, inbound and outbound
  uint64_t lost_connections_ = 0;  // connections lost and not yet declared
  W3cWriter writer_;
  BatchEncoder encoder_;
  std::string lines_;

  EventLoop::Timer check_ = 0;
  uint64_t reads_ = 0;           // packets read since the agent started
  uint64_t reads_at_check_ = 0;  // the value of reads_ when the counters were read
  std::optional<uint64_t> bytes_at_check_;

  mutable absl::Mutex stats_mutex_;
  LogStats stats_ ABSL_GUARDED_BY(stats_mutex_);

  absl::Status file_status_;
  absl::Status spool_status_;
  absl::Status begin_status_;
  std::string problem_;  // the problem last reported
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_WORK_H_
