#include "controller/identity/strangers_messages.h"

#include <malloc.h>

#include <algorithm>

namespace firebreak::controller {
namespace {

constexpr absl::Duration kLookInterval = absl::Milliseconds(50);
constexpr absl::Duration kNoHurry = absl::Hours(1);

// Free memory that the heap has kept does not count.
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

StrangersMessages::StrangersMessages() : thread_([this] { Watch(); }) {}

StrangersMessages::~StrangersMessages() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
    changed_.Signal();
  }
  thread_.join();
}

void StrangersMessages::Begin(grpc_call* call) {
  std::vector<grpc_call*> gives_way;
  {
    absl::MutexLock lock(&mutex_);
    if (unfinished_.empty()) {
      in_use_before_ = MemoryInUse();
      changed_.Signal();
    }
    if (unfinished_.size() >= kMaxUnfinished) {
      gives_way.push_back(unfinished_.front().call);
      grpc_call_ref(gives_way.back());
      unfinished_.pop_front();
    }
    unfinished_.push_back({call, SteadyCondition::Now()});
  }
  // Outside the lock: gRPC may run what waits for these calls within.
  Cancel(gives_way);
}

void StrangersMessages::End(grpc_call* call) {
  absl::MutexLock lock(&mutex_);
  unfinished_.remove_if([call](const Unfinished& one) { return one.call == call; });
}

std::vector<grpc_call*> StrangersMessages::TakeOverdue() {
  absl::MutexLock lock(&mutex_);
  const bool too_much = MemoryInUse() > in_use_before_ + kMaxGrowth;
  const absl::Duration overdue = SteadyCondition::Now() - kMaxTime;
  std::vector<grpc_call*> taken;
  while (!unfinished_.empty() && (too_much || unfinished_.front().since < overdue)) {
    taken.push_back(unfinished_.front().call);
    grpc_call_ref(taken.back());
    unfinished_.pop_front();
  }
  return taken;
}

void StrangersMessages::Watch() {
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
    // What was cancelled at the last look has been freed meanwhile.
    if (give_back) malloc_trim(0);
    const std::vector<grpc_call*> overdue = TakeOverdue();
    give_back = !overdue.empty();
    Cancel(overdue);
  }
}

}  // namespace firebreak::controller
