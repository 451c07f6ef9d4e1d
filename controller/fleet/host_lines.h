// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_HOST_LINES_H_
#define FIREBREAK_CONTROLLER_FLEET_HOST_LINES_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace firebreak::controller {

// Bounds the lines about hosts in the controller's own log: in each window, at most kLines for each
// host, of at most kBytes each. So no host can fill the disk that also holds the fleet's log.
//
// Thread-safe.
class HostLines {
 public:
  static constexpr int kLines = 30;
  static constexpr absl::Duration kWindow = absl::Minutes(10);
  static constexpr size_t kBytes = 1024;

  // Returns the line to write for `text`, which is about `host`, or nullopt if nothing may be
  // written. The first line in a window says how many lines were left out in the window before.
  std::optional<std::string> Line(const std::string& host, absl::string_view text, absl::Time now)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Window {
    absl::Time begin = absl::InfinitePast();
    int lines = 0;
    int left_out = 0;
  };

  absl::Mutex mutex_;
  std::map<std::string, Window> windows_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_HOST_LINES_H_
