// SPDX-License-Identifier: Apache-2.0
#include "agent/record/recorder.h"

#include <utility>

#include "agent/record/work.h"

namespace firebreak::agent {

Recorder::Recorder(Options options, Send send)
    : work_(std::make_unique<RecordWork>(loop_, std::move(options), std::move(send))),
      thread_([this] { loop_.Run(); }) {}

Recorder::~Recorder() {
  loop_.Post([this] {
    work_.reset();
    loop_.Stop();
  });
  thread_.join();
}

void Recorder::Configure(std::shared_ptr<const RecordContext> context) {
  loop_.Post([this, context = std::move(context)] { work_->Configure(context); });
}

void Recorder::NoteAttack(bool began) {
  loop_.Post([this, began] { work_->NoteAttack(began); });
}

void Recorder::BeginStream(uint64_t stream) {
  loop_.Post([this, stream] { work_->BeginStream(stream); });
}

void Recorder::Acknowledge(const v1::LogAcknowledgement& acknowledgement) {
  loop_.Post([this, acknowledgement] { work_->Acknowledge(acknowledgement); });
}

LogStats Recorder::stats() const { return work_->stats(); }

}  // namespace firebreak::agent
