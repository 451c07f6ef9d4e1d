// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/log_search.h"

#include <utility>

#include "base/status/status.h"
#include "grpcpp/grpcpp.h"

namespace firebreak::cli {

bool IsGap(const v1::LogRecord& record) { return record.has_until(); }

absl::Status LogUnpacker::Take(const v1::LogRecords& part) {
  if (uses_terms_ && !part.terms_met()) {
    return absl::FailedPreconditionError(
        "the controller is older than this firebreak and does not support these filters; update "
        "the controller");
  }
  for (const v1::LogRecord& record : part.records()) receiver_.on_message(record);
  for (const v1::LogBlock& block : part.blocks()) {
    if (block.has_gap()) {
      receiver_.on_message(block.gap());
      continue;
    }
    RETURN_IF_ERROR(decoder_.Decode(block.columns(), batch_));
    const auto show = [&](uint32_t index) {
      const uint64_t first = block.first_sequence();
      receiver_.on_record(block.host(), first == 0 ? 0 : first + index, batch_.records[index],
                          batch_.texts);
    };
    for (const uint32_t index : block.chosen()) {
      if (index < batch_.records.size()) show(index);
    }
    if (!block.chosen().empty()) continue;
    for (uint32_t index = 0; index < batch_.records.size(); ++index) show(index);
  }
  return absl::OkStatus();
}

absl::Status SearchLog(Invocation& invocation, const LogOptions& options, uint32_t last,
                       LogReceiver receiver,
                       const std::function<bool(const v1::LogRecords&)>& after_part) {
  ASSIGN_OR_RETURN(Connection * connection, invocation.Connect());
  v1::SearchLogsRequest request;
  *request.mutable_filter() = options.filter;
  request.set_last(last);
  request.set_after(options.after);
  request.set_packed(true);
  grpc::ClientContext call;
  const auto reader = connection->admin().SearchLogs(&call, request);
  LogUnpacker unpacker(options.filter.terms_size() > 0, std::move(receiver));
  v1::LogRecords part;
  absl::Status taken;
  bool wanted = true;
  while (taken.ok() && wanted && reader->Read(&part)) {
    taken = unpacker.Take(part);
    wanted = after_part(part);
  }
  if (!taken.ok() || !wanted) call.TryCancel();
  const grpc::Status status = reader->Finish();
  if (!taken.ok()) return taken;
  return status.ok() || !wanted ? absl::OkStatus() : connection->Failure(status);
}

}  // namespace firebreak::cli
