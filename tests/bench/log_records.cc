// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/log_records.h"

namespace firebreak::bench {

std::vector<Record> LogRecords(uint64_t batch, uint64_t batches, InternedStrings& texts) {
  std::vector<Record> records(kMaxBatchRecords);
  for (size_t i = 0; i < records.size(); ++i) {
    Record& record = records[i];
    const uint64_t mixed = (batch * kMaxBatchRecords + i) * 0x9e3779b97f4a7c15;
    const auto fraction = static_cast<double>(batch * kMaxBatchRecords + i) /
                          static_cast<double>(batches * kMaxBatchRecords);
    record.time_micros = absl::ToUnixMicros(kLogBegin + absl::Hours(24) * fraction);
    record.action = Action::kDrop;
    record.family = 4;
    record.protocol = 6;
    record.has = Record::kPorts | Record::kTcp | Record::kSize;
    record.source.low = mixed >> 32;
    record.destination.low = 0x0a000000 + batch % kLogHosts;
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

}  // namespace firebreak::bench
