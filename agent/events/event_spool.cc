// SPDX-License-Identifier: Apache-2.0
#include "agent/events/event_spool.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/state/epoch.h"
#include "agent/state/sealed_file.h"
#include "base/log/log.h"
#include "base/time/timestamp.h"

namespace firebreak::agent {
namespace {

constexpr auto kWriteDelay = std::chrono::seconds(1);

bool IsSwitchDone(const v1::HostEvent& event) {
  const v1::LocalMappingEvent& mapping = event.local_mapping();
  if (event.has_local_mapping()) {
    return mapping.kind() == v1::LocalMappingEvent::added ||
           mapping.kind() == v1::LocalMappingEvent::granted;
  }
  if (event.has_local_option()) return event.local_option().refused().empty();
  return event.has_local_switch() && event.local_switch().refused().empty();
}

}  // namespace

EventSpool::EventSpool(std::string path, EventLoop& loop,
                       std::function<void(const v1::HostEvent&)> send)
    : path_(std::move(path)), loop_(loop), send_(std::move(send)) {
  const absl::StatusOr<std::string> bytes = ReadSealedFile(path_);
  const bool read = bytes.ok() && events_.ParseFromString(*bytes) && events_.epoch() != 0;
  if (!read && !absl::IsNotFound(bytes.status())) {
    LogError(absl::StrCat("events that the controller did not have yet are lost: ",
                          bytes.ok() ? path_ : std::string(bytes.status().message())));
  }
  if (!read) {
    events_.Clear();
    BeginEpoch();
  }
  written_ = events_.last_number();
}

EventSpool::~EventSpool() { loop_.Cancel(write_); }

// Numbers of another epoch mean nothing, so the counters restart as well.
void EventSpool::BeginEpoch() {
  const uint64_t epoch = RandomEpoch();
  events_.set_epoch(epoch);
  uint64_t number = 0;
  for (v1::HostEvent& event : *events_.mutable_items()) {
    event.set_epoch(epoch);
    event.set_number(++number);
  }
  events_.set_last_number(number);
  written_ = 0;
  sent_ = 0;
}

void EventSpool::MakeRoom() {
  auto& items = *events_.mutable_items();
  if (items.size() < kMaxEvents) return;
  const auto oldest = std::find_if_not(items.begin(), items.end(), IsSwitchDone);
  items.erase(oldest == items.end() ? items.begin() + kWindow : oldest);
}

void EventSpool::Append(v1::HostEvent event) {
  *event.mutable_at() = ToTimestamp(absl::Now());
  event.set_epoch(events_.epoch());
  event.set_number(events_.last_number() + 1);
  events_.set_last_number(event.number());
  MakeRoom();
  if (event.ByteSizeLong() > kMaxEventBytes) {
    LogError("an event is too long to be sent; its number is left out");
    return;
  }
  *events_.add_items() = std::move(event);
}

absl::Status EventSpool::Keep(v1::HostEvent event) {
  Append(std::move(event));
  return Write();
}

void EventSpool::KeepSoon(v1::HostEvent event) {
  Append(std::move(event));
  WriteSoon();
}

void EventSpool::WriteSoon() {
  if (write_ != 0) return;
  write_ = loop_.RunAfter(kWriteDelay, [this] {
    write_ = 0;
    if (absl::Status status = Write(); !status.ok()) LogError(status.message());
  });
}

absl::Status EventSpool::Write() {
  absl::Status status = WriteSealedMessage(path_, events_);
  if (!status.ok()) {
    WriteSoon();
    return status;
  }
  loop_.Cancel(std::exchange(write_, 0));
  written_ = events_.last_number();
  SendMore();
  return absl::OkStatus();
}

void EventSpool::BeginStream() {
  streaming_ = true;
  sent_ = 0;
  SendMore();
}

void EventSpool::SendMore() {
  if (!streaming_) return;
  int under_way = 0;
  for (const v1::HostEvent& event : events_.items()) {
    if (event.number() > written_ || ++under_way > kWindow) return;
    if (event.number() <= sent_) continue;
    sent_ = event.number();
    send_(event);
  }
}

void EventSpool::StateWentBack() {
  BeginEpoch();
  WriteSoon();
}

void EventSpool::Taken(uint64_t number) {
  if (number > events_.last_number()) {
    // The state directory was replaced by an older copy of itself.
    LogWarning("the controller knows more events of this host than the host itself");
    return StateWentBack();
  }
  auto& items = *events_.mutable_items();
  const auto left = std::find_if(items.begin(), items.end(), [number](const v1::HostEvent& event) {
    return event.number() > number;
  });
  if (left == items.begin()) return;
  items.erase(items.begin(), left);
  WriteSoon();
  SendMore();
}

}  // namespace firebreak::agent
