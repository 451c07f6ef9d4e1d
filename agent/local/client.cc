// SPDX-License-Identifier: Apache-2.0
#include "agent/local/client.h"

#include <errno.h>
#include <sys/socket.h>

#include <chrono>
#include <utility>

#include "base/frame/frame.h"
#include "proto/endpoint/agent_socket.h"
#include "proto/text/make_text.h"

namespace firebreak::agent {

LocalClient::LocalClient(Descriptor socket, Caller caller, EventLoop& loop, Answerers& answerers,
                         std::function<void()> gone)
    : socket_(std::move(socket)),
      caller_(caller),
      loop_(loop),
      answerers_(answerers),
      gone_(std::move(gone)) {
  loop_.Watch(socket_.get(), [this] { OnReadable(); });
  ExpectProgress();
}

LocalClient::~LocalClient() {
  loop_.Cancel(patience_);
  loop_.Unwatch(socket_.get());
  answerers_.CancelAll(*this);
}

void LocalClient::ExpectProgress() {
  loop_.Cancel(std::exchange(patience_, 0));
  // While the peer waits for an answer, it need not do anything.
  if (unanswered_ > 0 && outgoing_.empty()) return;
  patience_ = loop_.RunAfter(kPatience, [this] {
    patience_ = 0;
    Gone();
  });
}

// Destroys this object.
void LocalClient::Gone() {
  const auto gone = gone_;
  gone();
}

void LocalClient::OnReadable() {
  char bytes[4096];
  const ssize_t received = recv(socket_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (received <= 0) return Gone();
  incoming_.append(bytes, static_cast<size_t>(received));
  if (!TakeQuestions()) Gone();
}

bool LocalClient::TakeQuestions() {
  for (;;) {
    const auto first =
        FirstInFrame(incoming_, caller_.may_act ? kMaxRootQuestionBytes : kMaxQuestionBytes);
    if (!first.ok()) return false;
    if (!first->has_value()) return true;
    v1::Question question;
    if (!question.ParseFromArray((*first)->data(), static_cast<int>((*first)->size()))) {
      return false;
    }
    incoming_.erase(0, kFrameHeaderBytes + (*first)->size());
    if (untaken_ > kMaxUntaken) return false;
    ++unanswered_;
    ExpectProgress();
    answerers_.Ask(*this, caller_, std::move(question));
  }
}

void LocalClient::Send(v1::Answer part, std::function<void()> taken) {
  if (part.last() && unanswered_ > 0) --unanswered_;
  MakeText(part);
  const bool idle = outgoing_.empty();
  outgoing_.push_back({Frame(part.SerializeAsString()), std::move(taken)});
  untaken_ += outgoing_.back().frame.size();
  if (!idle) return;
  ExpectProgress();
  loop_.WatchWritable(socket_.get(), [this] { OnWritable(); });
}

void LocalClient::OnWritable() {
  if (!Write()) Gone();
}

bool LocalClient::Write() {
  while (!outgoing_.empty()) {
    const std::string& frame = outgoing_.front().frame;
    const ssize_t sent = send(socket_.get(), frame.data() + written_, frame.size() - written_,
                              MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    ExpectProgress();
    written_ += static_cast<size_t>(sent);
    if (written_ < frame.size()) return true;
    written_ = 0;
    untaken_ -= frame.size();
    const auto taken = std::move(outgoing_.front().taken);
    outgoing_.pop_front();
    if (taken) taken();
  }
  loop_.WatchWritable(socket_.get(), nullptr);
  ExpectProgress();
  return true;
}

}  // namespace firebreak::agent
