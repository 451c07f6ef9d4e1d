// SPDX-License-Identifier: Apache-2.0
#include "agent/record/recording.h"

#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "policy/location/least_trusted.h"
#include "policy/merge/expiring.h"

namespace firebreak::agent {
namespace {

// Whether the policy wants a log at any location.
bool WantsLog(const v1::EffectivePolicy& policy) {
  for (const v1::EffectiveLocation& location : policy.locations()) {
    const v1::Logging& logging = location.host().logging();
    if (logging.dropped() || logging.connections()) return true;
  }
  const std::vector<const v1::Mapping*> mappings = policy::AllMappings(policy);
  return std::any_of(mappings.begin(), mappings.end(),
                     [](const v1::Mapping* mapping) { return mapping->has_log(); });
}

}  // namespace

Recording::Recording(EventLoop& loop, std::string spool_directory,
                     std::vector<std::string> log_directories, const InterfaceLocations& locations,
                     Listener& listener)
    : loop_(loop),
      spool_directory_(std::move(spool_directory)),
      log_directories_(std::move(log_directories)),
      locations_(locations),
      listener_(listener),
      policy_(std::make_shared<const v1::EffectivePolicy>()) {
  // Batches that an earlier agent has not sent yet are sent whatever the policy wants now.
  if (access(spool_directory_.c_str(), F_OK) == 0) Start();
}

void Recording::Start() {
  recorder_ =
      std::make_unique<Recorder>(Recorder::Options{.spool_directory = spool_directory_,
                                                   .log_directories = log_directories_,
                                                   .on_problem =
                                                       [this](std::string problem) {
                                                         loop_.Post([this, problem] {
                                                           problem_ = problem;
                                                           listener_.FactsChanged();
                                                         });
                                                       }},
                                 [this](uint64_t stream, v1::LogBatch batch) {
                                   loop_.Post([this, stream, batch = std::move(batch)]() mutable {
                                     Send(stream, std::move(batch));
                                   });
                                 });
  if (stream_ != 0) recorder_->BeginStream(stream_);
}

void Recording::SetPolicy(const v1::EffectivePolicy& policy) {
  // A policy that wants no log is not kept, to save its memory.
  policy_ = std::make_shared<const v1::EffectivePolicy>(WantsLog(policy) ? policy
                                                                         : v1::EffectivePolicy());
  Update();
}

void Recording::SetLinks(const std::vector<Link>& links) {
  links_ = links;
  Update();
}

void Recording::Update() {
  std::vector<std::string> at;
  for (const Link& link : links_) {
    if (!link.addresses.empty() && link.type != "loopback") at.push_back(locations_.At(link.name));
  }
  const v1::EffectiveLocation* host = policy::LeastTrusted(*policy_, at);
  auto context = std::make_shared<RecordContext>(
      MakeRecordContext(host == nullptr ? v1::Logging() : host->host().logging(),
                        log_directories_.front() + "/pfirewall.log", policy_, links_, locations_));
  file_ = context->file;
  if (recorder_ == nullptr && context->WantsAny()) Start();
  if (recorder_ != nullptr) recorder_->Configure(std::move(context));
}

void Recording::BeginStream() {
  ++stream_;
  if (recorder_ != nullptr) recorder_->BeginStream(stream_);
}

void Recording::Acknowledge(const v1::LogAcknowledgement& acknowledgement) {
  if (recorder_ != nullptr) recorder_->Acknowledge(acknowledgement);
}

std::optional<LogStats> Recording::stats() const {
  if (recorder_ == nullptr) return std::nullopt;
  return recorder_->stats();
}

void Recording::Send(uint64_t stream, v1::LogBatch batch) {
  if (stream != stream_) return;
  v1::AgentMessage message;
  *message.mutable_log() = std::move(batch);
  listener_.Send(std::move(message));
}

}  // namespace firebreak::agent
