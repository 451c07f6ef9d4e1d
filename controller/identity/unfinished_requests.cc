// SPDX-License-Identifier: Apache-2.0
#include "controller/identity/unfinished_requests.h"

#include <malloc.h>

#include <algorithm>

namespace firebreak::controller {
namespace {

constexpr absl::Duration kLookInterval = absl::Milliseconds(50);
constexpr absl::Duration kNoHurry = absl::Hours(1);

// Returns the memory in use, without free memory that the heap has kept.
size_t MemoryInUse() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

void Cancel(const std::vector<grpc_call*>& calls) {
  for (grpc_call* call : calls) {
    grpc_call_cancel_with_status(call, GRPC_STATUS_UNAVAILABLE,
                                 "the request did not come in time; try again", nullptr);
    grpc_call_unref(call);
  }
}

}  // namespace

UnfinishedRequests::UnfinishedRequests(const Limits& limits)
    : limits_(limits), thread_([this] { Watch(); }) {}

UnfinishedRequests::~UnfinishedRequests() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
    changed_.Signal();
  }
  thread_.join();
}

void UnfinishedRequests::Begin(grpc_call* call, absl::Duration max_time) {
  std::vector<grpc_call*> gives_way;
  {
    absl::MutexLock lock(&mutex_);
    if (unfinished_.empty()) {
      in_use_before_ = MemoryInUse();
      changed_.Signal();
    }
    if (unfinished_.size() >= limits_.max_unfinished) {
      gives_way.push_back(unfinished_.front().call);
      grpc_call_ref(gives_way.back());
      unfinished_.pop_front();
    }
    const absl::Duration now = SteadyCondition::Now();
    unfinished_.push_back({call, now, now + max_time});
  }
  // The calls are cancelled without the lock, because gRPC may run their callbacks inside Cancel.
  Cancel(gives_way);
}

void UnfinishedRequests::End(grpc_call* call) {
  absl::MutexLock lock(&mutex_);
  unfinished_.remove_if([call](const Unfinished& one) { return one.call == call; });
}

std::vector<grpc_call*> UnfinishedRequests::RemoveOverdue() {
  absl::MutexLock lock(&mutex_);
  const bool too_much = MemoryInUse() > in_use_before_ + limits_.max_growth;
  const absl::Duration now = SteadyCondition::Now();
  std::vector<grpc_call*> taken;
  unfinished_.remove_if([&](const Unfinished& one) {
    const bool at_fault = too_much && now >= one.since + limits_.spared;
    if (!at_fault && now < one.until) return false;
    taken.push_back(one.call);
    grpc_call_ref(one.call);
    return true;
  });
  return taken;
}

void UnfinishedRequests::Watch() {
  bool give_back = false;
  for (;;) {
    {
      absl::MutexLock lock(&mutex_);
      if (closing_) return;
      if (unfinished_.empty() && !give_back) {
        changed_.WaitFor(mutex_, kNoHurry);
      } else {
        changed_.WaitFor(mutex_, kLookInterval);
      }
      if (closing_) return;
    }
    // By now the requests that were cancelled in the last round have been freed.
    if (give_back) malloc_trim(0);
    const std::vector<grpc_call*> overdue = RemoveOverdue();
    give_back = !overdue.empty();
    Cancel(overdue);
  }
}

}  // namespace firebreak::controller
