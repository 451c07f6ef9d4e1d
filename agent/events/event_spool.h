// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_EVENTS_EVENT_SPOOL_H_
#define FIREBREAK_AGENT_EVENTS_EVENT_SPOOL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "agent/loop/event_loop.h"
#include "firebreak/v1/location.pb.h"

namespace firebreak::agent {

// Keeps the events that this host has to report to its controller on disk until the controller has
// them.
//
// Events have consecutive numbers, and none is sent before it is on disk. So an event that is sent
// again after a crash of either side has the same number, and the controller takes no event twice.
// The spool is bounded: when it is full, the oldest event is dropped, and switches that were
// carried out and mappings that were opened are dropped only when nothing else is left. Of these
// the first kWindow are kept too, so that it can be seen how it began. The gap in the numbers tells
// the controller how many events were dropped.
//
// The events are stored as a HostEvents message in a sealed file (agent/state/sealed_file.h). If
// the file is damaged, or older than what the controller knows, a new epoch of numbers begins.
//
// Threading: on the loop's thread. The loop must outlive this object.
class EventSpool {
 public:
  static constexpr int kMaxEvents = 256;
  // The maker of an event must keep its texts short; a longer event is not sent.
  static constexpr size_t kMaxEventBytes = 4096;
  // The largest number of events sent but not yet acknowledged.
  static constexpr int kWindow = 64;

  EventSpool(std::string path, EventLoop& loop, std::function<void(const v1::HostEvent&)> send);
  ~EventSpool();
  EventSpool(const EventSpool&) = delete;
  EventSpool& operator=(const EventSpool&) = delete;

  // Gives the event its number and the time. If this returns OK, the event is on disk; after an
  // error, the spool tries to write it again soon, as after KeepSoon.
  absl::Status Keep(v1::HostEvent event);
  // Like Keep, but writes the event within a second instead of at once, so that a flapping link
  // does not cause a write each time.
  void KeepSoon(v1::HostEvent event);

  // BeginStream must be called when a stream to the controller begins, EndStream when it has ended.
  // Events that are not acknowledged are sent again on a new stream.
  void BeginStream();
  void EndStream() { streaming_ = false; }
  // Must be called when the controller has all events up to `number`.
  void Taken(uint64_t number);

  // Begins a new epoch of numbers. Call this when the file turns out to be an older copy of itself,
  // because the controller already has events with the next numbers.
  void StateWentBack();

  // Writes all events to the disk now.
  absl::Status Write();

  int size() const { return events_.items_size(); }

 private:
  void Append(v1::HostEvent event);
  void MakeRoom();
  void WriteSoon();
  void BeginEpoch();
  void SendMore();

  const std::string path_;
  EventLoop& loop_;
  const std::function<void(const v1::HostEvent&)> send_;
  v1::HostEvents events_;
  uint64_t written_ = 0;  // the number of the last event on the disk
  uint64_t sent_ = 0;     // the number of the last event sent on this stream
  bool streaming_ = false;
  EventLoop::Timer write_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_EVENTS_EVENT_SPOOL_H_
