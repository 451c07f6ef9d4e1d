// SPDX-License-Identifier: Apache-2.0
#include "proto/log/log_record.h"

#include <string>

#include "proto/log/words.h"

namespace firebreak {
namespace {

template <typename Write>
std::string Word(const Write& write) {
  char room[kMaxWordBytes];
  return std::string(room, static_cast<size_t>(write(room) - room));
}

}  // namespace

v1::LogRecord ToLogRecord(const Record& record, const InternedStrings& texts) {
  v1::LogRecord result;
  result.mutable_time()->set_seconds(record.time_micros / 1'000'000);
  result.mutable_time()->set_nanos(static_cast<int32_t>(record.time_micros % 1'000'000 * 1000));
  result.set_action(std::string(WordOf(record.action)));
  if (record.family != 0) {
    result.set_protocol(Word([&](char* to) { return WriteProtocol(record.protocol, to); }));
    result.set_source(
        Word([&](char* to) { return WriteAddress(record.source, record.family, to); }));
    result.set_destination(
        Word([&](char* to) { return WriteAddress(record.destination, record.family, to); }));
  }
  if ((record.has & Record::kPorts) != 0) {
    result.set_source_port(record.source_port);
    result.set_destination_port(record.destination_port);
  }
  if ((record.has & Record::kSize) != 0) result.set_size(record.size);
  if ((record.has & Record::kTcp) != 0) {
    result.set_tcp_flags(Word([&](char* to) { return WriteTcpFlags(record.tcp_flags, to); }));
    result.set_tcp_sequence(record.tcp_sequence);
    result.set_tcp_acknowledgement(record.tcp_acknowledgement);
    result.set_tcp_window(record.tcp_window);
  }
  if ((record.has & Record::kIcmp) != 0) {
    result.set_icmp_type(record.icmp_type);
    result.set_icmp_code(record.icmp_code);
  }
  if (record.action == Action::kEventsLost) result.set_lost(record.lost);
  result.set_interface(texts[record.interface]);
  result.set_location(texts[record.location]);
  result.set_policy(texts[record.policy]);
  result.set_mapping(texts[record.mapping]);
  result.set_reason(texts[record.reason]);
  return result;
}

}  // namespace firebreak
