// SPDX-License-Identifier: Apache-2.0
#include "agent/record/work.h"

#include <string.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "policy/compile/logging.h"

namespace firebreak::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kRetry = seconds(10);
constexpr seconds kCheckInterval = seconds(1);
// After this time the kernel has handed over the packets that it gathers, and a CPU that was
// interrupted between counting a packet and logging it has continued.
constexpr milliseconds kSettling = milliseconds(150);
constexpr milliseconds kDrainAgain = milliseconds(10);
// After this many batches the loop gets a turn, to handle acknowledgements.
constexpr int kBatchesAtOnce = 4;
constexpr size_t kMaxDatagramRecords = 128;
constexpr char kConnections[] = "connections";

int64_t NowMicros() { return absl::ToUnixMicros(absl::Now()); }

}  // namespace

RecordWork::RecordWork(EventLoop& loop, Recorder::Options options, Recorder::Send send)
    : loop_(loop),
      options_(std::move(options)),
      context_(std::make_shared<RecordContext>()),
      send_(std::move(send)) {}

RecordWork::~RecordWork() {
  loop_.Cancel(retry_);
  loop_.Cancel(check_);
  if (nflog_.has_value()) {
    DrainDropped();
    loop_.Unwatch(nflog_->descriptor());
  }
  EndConnections();
  Flush();
}

absl::Status RecordWork::OpenSpool() {
  if (spool_.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Spool spool, Spool::Open(options_.spool_directory, options_.max_spool_bytes));
  spool_.emplace(std::move(spool));
  outbox_.emplace(*spool_, [this](v1::LogBatch batch) { send_(stream_, std::move(batch)); });
  CountSpooled();
  if (stream_ != 0) outbox_->Restart();
  return absl::OkStatus();
}

void RecordWork::Configure(std::shared_ptr<const RecordContext> context) {
  // Packets dropped before this change are recorded under the old context, in the old file.
  if (nflog_.has_value()) DrainDropped();
  if (flows_.has_value()) OnConnections();
  Flush();
  context_ = std::move(context);
  describer_.Use(context_);
  if (file_ == nullptr || file_->path() != context_->file ||
      file_->max_bytes() != context_->max_bytes) {
    file_ =
        std::make_unique<LogFile>(context_->file, context_->max_bytes, options_.log_directories);
  }
  // A reason why the file cannot be written is reported now, not with the first packet.
  if (context_->WantsAny()) {
    Tell(file_status_, file_->Append(""), "the log file takes lines again");
  } else {
    Tell(file_status_, absl::OkStatus(), "the log file is no longer written");
  }
  // Listening must restart if it changes whether drops are counted, because only drops are counted
  // and the records of mappings are not.
  if (nflog_.has_value() && (!Listens() || counters_.has_value() != context_->dropped))
    EndDropped();
  if (!context_->connections) EndConnections();
  Begin();
}

void RecordWork::Begin() {
  loop_.Cancel(std::exchange(retry_, 0));
  absl::Status status = OpenSpool();
  if (status.ok() && Listens() && !nflog_.has_value()) status = BeginDropped();
  if (status.ok() && context_->connections && !flows_.has_value()) status = BeginConnections();
  Tell(begin_status_, status, "the log is written again");
  if (!status.ok()) retry_ = loop_.RunAfter(kRetry, [this] { Begin(); });
}

void RecordWork::NoteAttack(bool began) {
  if (!context_->WantsAny()) return;
  // Earlier drops must precede the record of the attack.
  if (nflog_.has_value()) DrainDropped();
  records_.push_back(describer_.DescribeAttack(began, NowMicros()));
  Flush();
}

bool RecordWork::Listens() const { return context_->dropped || context_->mappings; }

absl::Status RecordWork::BeginDropped() {
  ASSIGN_OR_RETURN(Nflog nflog, Nflog::Open(policy::kLogGroup));
  if (context_->dropped) {
    ASSIGN_OR_RETURN(Counters counters, Counters::Open());
    ASSIGN_OR_RETURN(const PacketCounts counts, counters.Read());
    if (spool_->accounts().has_value() && !spool_->accounts()->empty()) {
      ledger_.Resume(*spool_->accounts());
    } else {
      ledger_.Begin(counts);
      // Stores the starting point, for the case that the agent is killed before the first record.
      RETURN_IF_ERROR(spool_->Append(0, "", ledger_.accounts()));
    }
    counters_ = std::move(counters);
  }
  nflog_ = std::move(nflog);
  loop_.Watch(nflog_->descriptor(), [this] { OnDropped(); });
  CheckSoon();
  return absl::OkStatus();
}

void RecordWork::EndDropped() {
  loop_.Cancel(std::exchange(check_, 0));
  loop_.Unwatch(nflog_->descriptor());
  nflog_.reset();
  counters_.reset();
  // Packets that are dropped while no policy wants them logged do not count as lost.
  if (absl::Status status = spool_->ForgetAccounts(); !status.ok()) {
    LogError(status.message());
  }
}

absl::Status RecordWork::BeginConnections() {
  ASSIGN_OR_RETURN(Conntrack table, Conntrack::Open());
  ASSIGN_OR_RETURN(FlowEvents flows, FlowEvents::Open());
  flow_table_ = std::move(table);
  flows_ = std::move(flows);
  loop_.Watch(flows_->descriptor(), [this] { OnConnections(); });
  return absl::OkStatus();
}

void RecordWork::EndConnections() {
  if (!flows_.has_value()) return;
  OnConnections();
  loop_.Unwatch(flows_->descriptor());
  flows_.reset();
}

void RecordWork::Count(const std::string& counter) {
  if (counter.empty()) return;
  // There are few counters, and most packets have the same counter as the packet before.
  for (auto line = counted_.rbegin(); line != counted_.rend(); ++line) {
    if (line->first != counter) continue;
    ++line->second;
    return;
  }
  counted_.emplace_back(counter, 1);
}

bool RecordWork::DrainDropped() {
  for (int batches = 0; batches < kBatchesAtOnce;) {
    const int64_t now = NowMicros();
    const absl::Status status = nflog_->Receive([&](const LoggedPacket& packet) {
      const std::string* counter = nullptr;
      records_.push_back(describer_.Describe(packet, now, counter));
      Count(*counter);
      ++reads_;
    });
    // A datagram that the kernel dropped (DataLoss) shows as a loss in the counters.
    if (!status.ok() && !absl::IsDataLoss(status)) return true;
    if (records_.size() + kMaxDatagramRecords > kMaxBatchRecords) {
      Flush();
      ++batches;
    }
  }
  return false;
}

void RecordWork::OnDropped() {
  DrainDropped();
  Flush();
  CheckSoon();
}

void RecordWork::TakeFlow(FlowEvents::Kind kind, const Flow& flow, int64_t now) {
  const std::optional<FlowNews> news = connections_seen_.Take(kind, flow);
  if (!news.has_value()) return;
  const Flow* counted = &flow;
  absl::StatusOr<Flow> found = absl::NotFoundError("not asked");
  // Only the last event of an entry says how many bytes there were.
  if (news->closed && kind != FlowEvents::Kind::kEnded) {
    found = flow_table_->Get(flow);
    if (found.ok() && found->id == flow.id) counted = &*found;
  }
  const auto record = describer_.Describe(*news, *counted, now);
  if (!record.has_value()) return;
  ++connections_;
  records_.push_back(*record);
}

void RecordWork::OnConnections() {
  for (size_t i = 0; i < kMaxBatchRecords; ++i) {
    const int64_t now = NowMicros();
    const absl::Status status = flows_->Receive(
        [&](FlowEvents::Kind kind, const Flow& flow) { TakeFlow(kind, flow, now); });
    if (records_.size() + kMaxDatagramRecords > kMaxBatchRecords) Flush();
    if (absl::IsDataLoss(status)) lost_connections_ += flows_->TakeDropped();
    if (!status.ok() && !absl::IsDataLoss(status)) break;
  }
  if (lost_connections_ > 0) Declare(kConnections, std::exchange(lost_connections_, 0));
  Flush();
}

void RecordWork::Flush() {
  if (records_.empty()) return;
  lines_.clear();
  for (const Record& record : records_) writer_.Append(record, describer_.texts(), lines_);
  const uint64_t lost = file_->lost();
  const absl::Status filed = file_->Append(lines_);
  Tell(file_status_, filed, "the log file takes lines again");
  for (const auto& [counter, packets] : counted_) ledger_.Took(counter, packets);
  const absl::Status spooled = AppendToSpool();
  Tell(spool_status_, spooled, "the log's spool takes records again");
  if (!spooled.ok()) {
    // These records are declared lost when the spool has room again.
    for (const auto& [counter, packets] : counted_) ledger_.GaveUp(counter, packets);
    for (const Ledger::Loss& loss : declared_) ledger_.GaveUp(loss.counter, loss.packets);
    lost_connections_ += connections_;
    if (nflog_.has_value()) CheckSoon();
  }
  CountFlushed(file_->lost() - lost, spooled.ok());
  counted_.clear();
  declared_.clear();
  connections_ = 0;
  records_.clear();
  if (describer_.WantsClearTexts()) describer_.ClearTexts();
  if (stream_ != 0 && outbox_.has_value()) outbox_->Send();
}

void RecordWork::CountFlushed(uint64_t file_lost, bool in_spool) {
  uint64_t lost = 0;
  uint64_t declarations = 0;
  for (const Record& record : records_) {
    if (record.action != Action::kEventsLost) continue;
    lost += record.lost;
    ++declarations;
  }
  {
    absl::MutexLock lock(&stats_mutex_);
    stats_.file_lost += file_lost;
    if (in_spool) {
      stats_.records += records_.size() - declarations;
      stats_.lost += lost;
    }
  }
  CountSpooled();
}

void RecordWork::CountSpooled() {
  if (!spool_.has_value()) return;
  absl::MutexLock lock(&stats_mutex_);
  stats_.spooled = spool_->waiting();
  stats_.spool_dropped = spool_->dropped();
}

LogStats RecordWork::stats() const {
  absl::MutexLock lock(&stats_mutex_);
  return stats_;
}

absl::Status RecordWork::AppendToSpool() {
  if (!spool_.has_value()) return absl::UnavailableError("the log's spool is not open");
  return spool_->Append(static_cast<uint32_t>(records_.size()),
                        encoder_.Encode(records_, describer_.texts()), ledger_.accounts());
}

void RecordWork::Declare(const std::string& what, uint64_t lost) {
  records_.push_back(describer_.DescribeLoss(what, lost, NowMicros()));
  if (what == kConnections) {
    connections_ += lost;
  } else {
    declared_.push_back({what, lost});
  }
}

void RecordWork::CheckSoon() {
  if (check_ == 0 && counters_.has_value())
    check_ = loop_.RunAfter(kCheckInterval, [this] { BeginCheck(); });
}

void RecordWork::BeginCheck() {
  const absl::StatusOr<PacketCounts> counts = counters_->Read();
  if (!counts.ok()) {
    LogError(counts.status().message());
    check_ = loop_.RunAfter(kRetry, [this] { BeginCheck(); });
    return;
  }
  ledger_.Read(*counts);
  bytes_at_check_.reset();
  reads_at_check_ = reads_;
  check_ = loop_.RunAfter(kSettling, [this] { FinishCheck(); });
}

void RecordWork::FinishCheck() {
  const bool drained = DrainDropped();
  // Under a flood there is always more to read. But once more bytes have been read than the kernel
  // can buffer, everything that it held at the time of the check has been read.
  if (!bytes_at_check_.has_value()) bytes_at_check_ = nflog_->bytes_read();
  const uint64_t since = nflog_->bytes_read() - *bytes_at_check_;
  if (!drained && since < 2 * uint64_t{Nflog::kReceiveBufferBytes}) {
    check_ = loop_.RunAfter(kDrainAgain, [this] { FinishCheck(); });
    return;
  }
  check_ = 0;
  Flush();
  const bool quiet = reads_ == reads_at_check_;
  const std::vector<Ledger::Loss> losses = ledger_.Settle(quiet);
  for (const Ledger::Loss& loss : losses) Declare(loss.counter, loss.packets);
  Flush();
  if (!quiet || !losses.empty()) {
    CheckSoon();
  } else {
    encoder_.Release();
  }
}

void RecordWork::BeginStream(uint64_t stream) {
  stream_ = stream;
  if (outbox_.has_value()) outbox_->Restart();
}

void RecordWork::Acknowledge(const v1::LogAcknowledgement& acknowledgement) {
  if (outbox_.has_value()) {
    outbox_->Acknowledge(acknowledgement.epoch(), acknowledgement.next_sequence());
    CountSpooled();
  }
}

void RecordWork::Tell(absl::Status& last, const absl::Status& now, const char* well) {
  // Only a change is logged; otherwise a full disk would fill the journal too.
  if (last.code() != now.code()) {
    if (now.ok()) {
      LogInfo(well);
    } else {
      LogError(now.message());
    }
  }
  last = now;
  TellProblem();
}

void RecordWork::TellProblem() {
  std::string problem;
  for (const absl::Status* status : {&begin_status_, &spool_status_, &file_status_}) {
    if (!status->ok()) problem = std::string(status->message());
  }
  if (problem == problem_) return;
  problem_ = problem;
  options_.on_problem(std::move(problem));
}

}  // namespace firebreak::agent
