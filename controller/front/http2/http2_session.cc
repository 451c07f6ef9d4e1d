// SPDX-License-Identifier: Apache-2.0
#include "controller/front/http2/http2_session.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "controller/front/http2/http2_headers.h"
#include "controller/front/http2/http2_stream.h"
#include "controller/front/http2/session_memory.h"

namespace firebreak::controller {
namespace {

// PING and SETTINGS that wait to be acknowledged: more than come at once. FrameBudget bounds how
// many there are, and tells which.
constexpr size_t kMostAcknowledgements = 4000;

constexpr size_t kFrameHead = 9;
// A frame with its head is one record of TLS. A larger one would need another record for the rest.
constexpr size_t kMostData = (16 << 10) - kFrameHead;

absl::Status Failed(int error) {
  return absl::InvalidArgumentError(
      absl::StrCat("HTTP/2 that cannot be followed: ", nghttp2_strerror(error)));
}

}  // namespace

struct Http2Session::Callbacks {
  static Http2Session& Self(void* self) { return *static_cast<Http2Session*>(self); }

  static int OnBeginHeaders(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    auto stream = std::make_unique<Stream>(frame->hd.stream_id);
    nghttp2_session_set_stream_user_data(Self(self).session_, stream->id, stream.get());
    Self(self).streams_[stream->id] = std::move(stream);
    return 0;
  }

  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name_bytes,
                      size_t name_size, const uint8_t* value_bytes, size_t value_size, uint8_t,
                      void* self) {
    Stream* const stream = Self(self).Find(frame->hd.stream_id);
    if (stream == nullptr || stream->request == nullptr) return 0;
    Stream::Request& request = *stream->request;
    request.bytes += name_size + value_size;
    if (request.bytes > kMostHeaderBytes) {
      Self(self).failure_ = "too many bytes of headers";
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    if (request.bytes > kMaxHeaderBytes) return 0;
    const absl::string_view name = Text(name_bytes, name_size);
    const absl::string_view value = Text(value_bytes, value_size);
    const auto keep = [&](absl::string_view wanted, std::string& into) {
      if (name == wanted) into.assign(value.data(), value.size());
    };
    keep(":method", request.method);
    keep(":path", request.path);
    keep("content-type", request.content_type);
    keep("grpc-timeout", request.timeout);
    return 0;
  }

  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    const bool headers = frame->hd.type == NGHTTP2_HEADERS;
    if (!headers && frame->hd.type != NGHTTP2_DATA) return 0;
    Stream* const stream = Self(self).Find(frame->hd.stream_id);
    if (stream == nullptr) return 0;
    if (headers && stream->request != nullptr) Self(self).OnRequest(*stream);
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) Self(self).OnClientDone(*stream);
    return 0;
  }

  static int OnData(nghttp2_session* session, uint8_t, int32_t id, const uint8_t* bytes,
                    size_t size, void* self) {
    // Only the stream's window slows a client down, so that its calls do not wait for one another.
    nghttp2_session_consume_connection(session, size);
    if (Stream* const stream = Self(self).Find(id); stream != nullptr) {
      Self(self).OnBytes(*stream, Text(bytes, size));
    }
    return 0;
  }

  static int OnClose(nghttp2_session*, int32_t id, uint32_t, void* self) {
    Self(self).OnClosed(id);
    return 0;
  }

  // What nghttp2 finds wrong with a client ends in a GOAWAY that tells.
  static int OnSent(nghttp2_session* session, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR &&
        Self(self).failure_.empty()) {
      const uint32_t code = frame->goaway.error_code;
      Self(self).failure_ =
          absl::StrCat(code == NGHTTP2_COMPRESSION_ERROR ? "headers" : "HTTP/2",
                       " that cannot be followed: ", nghttp2_http2_strerror(code), ", ",
                       Text(frame->goaway.opaque_data, frame->goaway.opaque_data_len));
    }
    if (frame->hd.type == NGHTTP2_HEADERS && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      const Stream* const stream = Self(self).Find(frame->hd.stream_id);
      // Otherwise the stream would stay, half open.
      if (stream != nullptr && !stream->client_done) {
        nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_NO_ERROR);
      }
    }
    return 0;
  }

  static ssize_t ReadData(nghttp2_session* session, int32_t, uint8_t*, size_t length,
                          uint32_t* flags, nghttp2_data_source* source, void*) {
    Stream& stream = *static_cast<Stream*>(source->ptr);
    if (stream.outgoing != nullptr) {
      *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
      return static_cast<ssize_t>(
          std::min({stream.outgoing->size() - stream.sent, length, kMostData}));
    }
    if (!stream.finished.has_value()) {
      stream.waits = true;
      return NGHTTP2_ERR_DEFERRED;
    }
    *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
    std::vector<nghttp2_nv> trailers;
    const StatusHeaders status(*stream.finished);
    status.AppendTo(trailers);
    nghttp2_submit_trailer(session, stream.id, trailers.data(), trailers.size());
    return 0;
  }

  static int SendData(nghttp2_session*, nghttp2_frame*, const uint8_t* head, size_t length,
                      nghttp2_data_source* source, void* self_pointer) {
    Http2Session& self = Self(self_pointer);
    Stream& stream = *static_cast<Stream*>(source->ptr);
    self.producing_->append(reinterpret_cast<const char*>(head), kFrameHead);
    self.producing_->append(*stream.outgoing, stream.sent, length);
    stream.sent += length;
    if (stream.sent == stream.outgoing->size()) {
      stream.outgoing.reset();
      stream.sent = 0;
      if (stream.call != nullptr) {
        stream.call->Tell([](CallHandler& handler) { handler.OnSent(); });
      }
    }
    self.paused_ = self.producing_->size() >= self.enough_;
    return self.paused_ ? NGHTTP2_ERR_PAUSE : 0;
  }

  static const nghttp2_session_callbacks* Get() {
    static const nghttp2_session_callbacks* const all = [] {
      nghttp2_session_callbacks* made = nullptr;
      nghttp2_session_callbacks_new(&made);
      nghttp2_session_callbacks_set_on_begin_headers_callback(made, OnBeginHeaders);
      nghttp2_session_callbacks_set_on_header_callback(made, OnHeader);
      nghttp2_session_callbacks_set_on_frame_recv_callback(made, OnFrame);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, OnData);
      nghttp2_session_callbacks_set_on_stream_close_callback(made, OnClose);
      nghttp2_session_callbacks_set_on_frame_send_callback(made, OnSent);
      nghttp2_session_callbacks_set_send_data_callback(made, SendData);
      return made;
    }();
    return all;
  }

  static const nghttp2_option* Options() {
    static const nghttp2_option* const all = [] {
      nghttp2_option* made = nullptr;
      nghttp2_option_new(&made);
      nghttp2_option_set_no_auto_window_update(made, 1);
      nghttp2_option_set_no_closed_streams(made, 1);
      nghttp2_option_set_max_outbound_ack(made, kMostAcknowledgements);
      // Few headers are sent, so that a table of them would cost more than it saves.
      nghttp2_option_set_max_deflate_dynamic_table_size(made, 0);
      return made;
    }();
    return all;
  }
};

Http2Session::Http2Session(Setting setting) : setting_(std::move(setting)) {
  nghttp2_mem memory = SessionMemory();
  nghttp2_session_server_new3(&session_, Callbacks::Get(), this, Callbacks::Options(), &memory);
  const std::array<nghttp2_settings_entry, 3> settings = {
      {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kMaxCalls},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindow},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, kMaxHeaderBytes}}};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

Http2Session::~Http2Session() {
  nghttp2_session_del(session_);
  while (!streams_.empty()) OnClosed(streams_.begin()->first);
}

absl::Status Http2Session::Receive(absl::string_view bytes) {
  const ssize_t taken = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (!failure_.empty()) return absl::ResourceExhaustedError(failure_);
  return taken < 0 ? Failed(static_cast<int>(taken)) : absl::OkStatus();
}

absl::Status Http2Session::Produce(std::string& into, size_t size) {
  producing_ = &into;
  enough_ = size;
  while (into.size() < size) {
    paused_ = false;
    const uint8_t* bytes = nullptr;
    const ssize_t made = nghttp2_session_mem_send(session_, &bytes);
    if (made < 0) return Failed(static_cast<int>(made));
    into.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(made));
    if (made == 0 && !paused_) break;
  }
  return absl::OkStatus();
}

bool Http2Session::over() const {
  return nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0;
}

void Http2Session::Ping() { nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr); }

void Http2Session::SayGoodbye() {
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR,
                        nullptr, 0);
}

Http2Stream* Http2Session::Find(int32_t stream) const {
  return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session_, stream));
}

void Http2Session::OnRequest(Stream& stream) {
  const std::unique_ptr<Stream::Request> request = std::move(stream.request);
  if (request->bytes > kMaxHeaderBytes) {
    return FinishStream(stream, absl::ResourceExhaustedError(
                                    absl::StrCat("the headers of a call have ", request->bytes,
                                                 " bytes; the limit is ", kMaxHeaderBytes)));
  }
  if (request->method != "POST") return RefuseHttp(stream, "405");
  if (!IsGrpcType(request->content_type)) return RefuseHttp(stream, "415");
  const auto method = setting_.methods.find(request->path);
  if (method == setting_.methods.end()) {
    return FinishStream(stream, absl::UnimplementedError("no such method"));
  }
  stream.call = std::make_shared<Call>(setting_.pool, setting_.caller, setting_.reach, stream.id);
  if (!request->timeout.empty()) {
    const auto timeout = ParseTimeout(request->timeout);
    if (!timeout.has_value()) {
      stream.call.reset();
      return FinishStream(stream, absl::InternalError("the grpc-timeout cannot be read"));
    }
    stream.timers.push_back(setting_.loop.At(setting_.loop.now() + *timeout, [call = stream.call] {
      call->Finish(absl::DeadlineExceededError("Deadline Exceeded"));
    }));
  }
  stream.call->Begin(method->second);
}

void Http2Session::OnBytes(Stream& stream, absl::string_view bytes) {
  stream.unconsumed += bytes.size();
  if (stream.call == nullptr || stream.finished.has_value()) {
    return Consume(stream, stream.unconsumed);  // nobody reads it
  }
  stream.reader.Append(bytes);
  Deliver(stream);
}

void Http2Session::OnClientDone(Stream& stream) {
  stream.client_done = true;
  Deliver(stream);
}

void Http2Session::Deliver(Stream& stream) {
  if (!stream.wanted.has_value() || stream.call == nullptr) return;
  auto message = stream.reader.Next(*stream.wanted);
  if (message.ok() && !message->has_value() && stream.client_done && stream.reader.buffered() > 0) {
    message = absl::InvalidArgumentError("the last message is cut off");
  }
  if (!message.ok()) {
    stream.wanted.reset();
    return stream.call->Tell(
        [status = message.status()](CallHandler& handler) { handler.OnUnreadable(status); });
  }
  if (message->has_value()) {
    stream.wanted.reset();
    Consume(stream, std::min(stream.unconsumed, kMessagePrefixBytes + (*message)->size()));
    return stream.call->Tell([text = **std::move(message)](CallHandler& handler) mutable {
      handler.OnMessage(std::move(text));
    });
  }
  if (stream.client_done) {
    stream.wanted.reset();
    return stream.call->Tell([](CallHandler& handler) { handler.OnEndOfMessages(); });
  }
  // The rest of the message must find room.
  Consume(stream, stream.unconsumed);
}

void Http2Session::Consume(Stream& stream, size_t bytes) {
  stream.unconsumed -= bytes;
  nghttp2_session_consume_stream(session_, stream.id, bytes);
}

void Http2Session::OnClosed(int32_t id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  Detach(*found->second);
  streams_.erase(found);
}

void Http2Session::Detach(Stream& stream) {
  for (const Loop::Timer& timer : stream.timers) setting_.loop.Cancel(timer);
  stream.timers.clear();
  if (const auto call = std::exchange(stream.call, nullptr); call != nullptr) call->TellDone();
}

void Http2Session::Read(int32_t id, size_t max_bytes) {
  Stream* const stream = Find(id);
  if (stream == nullptr) return;
  stream->wanted = max_bytes;
  Deliver(*stream);
}

void Http2Session::SendHeaders(int32_t id) {
  Stream* const stream = Find(id);
  if (stream != nullptr && !stream->finished.has_value()) SubmitHeaders(*stream);
}

void Http2Session::SubmitHeaders(Stream& stream) {
  if (std::exchange(stream.headers_sent, true)) return;
  const std::array<nghttp2_nv, 3> headers = {Header(":status", "200"),
                                             Header("content-type", "application/grpc"),
                                             Header("grpc-accept-encoding", "identity")};
  nghttp2_data_provider data = {};
  data.source.ptr = &stream;
  data.read_callback = Callbacks::ReadData;
  nghttp2_submit_response(session_, stream.id, headers.data(), headers.size(), &data);
}

void Http2Session::Resume(Stream& stream) {
  if (std::exchange(stream.waits, false)) nghttp2_session_resume_data(session_, stream.id);
}

void Http2Session::Send(int32_t id, WireMessage message) {
  Stream* const stream = Find(id);
  if (stream == nullptr || stream->call == nullptr || stream->finished.has_value()) return;
  stream->outgoing = std::move(message);
  stream->sent = 0;
  SubmitHeaders(*stream);
  Resume(*stream);
}

void Http2Session::Finish(int32_t id, const absl::Status& status) {
  if (Stream* const stream = Find(id); stream != nullptr) FinishStream(*stream, status);
}

void Http2Session::FinishStream(Stream& stream, const absl::Status& status) {
  if (stream.finished.has_value()) return;
  stream.finished = status;
  stream.reader = MessageReader();
  Consume(stream, stream.unconsumed);
  if (stream.headers_sent) return Resume(stream);
  stream.headers_sent = true;
  std::vector<nghttp2_nv> headers = {Header(":status", "200"),
                                     Header("content-type", "application/grpc")};
  const StatusHeaders end(status);
  end.AppendTo(headers);
  nghttp2_submit_response(session_, stream.id, headers.data(), headers.size(), nullptr);
}

void Http2Session::RefuseHttp(Stream& stream, const char* status) {
  stream.finished = absl::InternalError("not a call of gRPC");
  stream.headers_sent = true;
  const nghttp2_nv header = Header(":status", status);
  nghttp2_submit_response(session_, stream.id, &header, 1, nullptr);
}

void Http2Session::Cancel(int32_t id) {
  Stream* const stream = Find(id);
  if (stream == nullptr) return;
  if (!stream->finished.has_value()) stream->finished = absl::CancelledError("");
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
  // The client may never take it, but the handler need not wait for that.
  Detach(*stream);
}

void Http2Session::RunAfter(int32_t id, std::chrono::nanoseconds time, std::function<void()> job) {
  Stream* const stream = Find(id);
  if (stream == nullptr || stream->call == nullptr) return;
  // The stream lives when its timers are over, or they would have been cancelled.
  stream->timers.push_back(
      setting_.loop.At(setting_.loop.now() + time, [this, stream, job = std::move(job)] {
        std::erase_if(stream->timers, [now = setting_.loop.now()](const Loop::Timer& timer) {
          return timer.first <= now;
        });
        stream->call->Tell([job](CallHandler&) { job(); });
      }));
}

}  // namespace firebreak::controller
