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

// What this host has to tell its controller, on its disk until the controller has it.
//
// Events are numbered one by one, and none is sent before it is on the disk: what is sent again
// after a crash of either side has the number that it had, and the controller takes none twice. The
// spool is bounded: when it is full, the oldest give way, and switches that were done after all
// others. The gap in the numbers tells the controller how many they were.
//
// The file is a sealed file (agent/state/sealed_file.h) with a HostEvents. One that is damaged, or
// older than what the controller knows, begins another epoch of numbers.
//
// Threading: on the loop's thread, which must outlive it.
class EventSpool {
 public:
  static constexpr int kMaxEvents = 256;
  // Texts of an event are its maker's to keep short; those of a longer one are not told.
  static constexpr size_t kMaxEventBytes = 4096;
  // Sent and not yet taken.
  static constexpr int kWindow = 64;

  EventSpool(std::string path, EventLoop& loop, std::function<void(const v1::HostEvent&)> send);
  ~EventSpool();
  EventSpool(const EventSpool&) = delete;
  EventSpool& operator=(const EventSpool&) = delete;

  // Gives the event its number and the time. Once it returns without an error, the event is on the
  // disk; with one, it is on its way there like those of KeepSoon.
  absl::Status Keep(v1::HostEvent event);
  // The same, on the disk within a second: a link that comes and goes does not write each time.
  void KeepSoon(v1::HostEvent event);

  // A stream to the controller begins or has ended: what is not taken is sent anew, or not sent.
  void BeginStream();
  void EndStream() { streaming_ = false; }
  // The controller has all events up to this one.
  void Taken(uint64_t number);

  // The file may be an older copy of itself, whose next numbers the controller has already: begins
  // another epoch of numbers.
  void StateWentBack();

  // Writes what waits to be written.
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
  uint64_t sent_ = 0;     // on this stream
  bool streaming_ = false;
  EventLoop::Timer write_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_EVENTS_EVENT_SPOOL_H_
