// SPDX-License-Identifier: Apache-2.0
#include "controller/front/http2/http2_session.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <atomic>
#include <future>
#include <list>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/descriptor/descriptor.h"

namespace firebreak::controller {
namespace {

constexpr size_t kMaxMessage = 8 << 20;
constexpr char kAwkward[] = "n\xc3\xb6t h\xc3\xa9re: 100 %\n";

// What has happened to the handlers of a test.
struct Seen {
  std::atomic<int> alive{0};
  std::atomic<int> done{0};
  std::atomic<int> sent{0};

  // Waits; a test that never gets there runs into its time limit.
  static void Wait(const std::function<bool()>& condition) {
    while (!condition()) absl::SleepFor(absl::Milliseconds(1));
  }
};

// A handler for each method of the test.
class Handler : public CallHandler {
 public:
  Handler(std::shared_ptr<Call> call, Seen& seen) : call_(std::move(call)), seen_(seen) {
    ++seen_.alive;
  }
  ~Handler() override { --seen_.alive; }
  void OnMessage(std::string) override {}
  void OnEndOfMessages() override { call_->Finish(absl::OkStatus()); }
  void OnUnreadable(const absl::Status& reason) override { call_->Finish(reason); }
  void OnDone() override { ++seen_.done; }

 protected:
  const std::shared_ptr<Call> call_;
  Seen& seen_;
};

class Echo final : public Handler {
 public:
  using Handler::Handler;
  void OnMessage(std::string message) override { call_->Send(ToWire(message)); }
  void OnSent() override { call_->Read(kMaxMessage); }
};

// Answers "N" with the numbers below N.
class Counting final : public Handler {
 public:
  using Handler::Handler;
  void OnMessage(std::string message) override {
    left_ = std::stoi(message);
    OnSent();
  }
  void OnSent() override {
    ++seen_.sent;
    if (left_-- == 0) return call_->Finish(absl::OkStatus());
    call_->Send(ToWire(absl::StrCat(left_, std::string(1000, 'x'))));
  }

 private:
  int left_ = 0;
};

Methods MethodsFor(Seen& seen) {
  const auto reading = [&seen](auto make) {
    return [&seen, make](const std::shared_ptr<Call>& call) -> std::shared_ptr<CallHandler> {
      auto handler = make(call, seen);
      call->Read(kMaxMessage);
      return handler;
    };
  };
  const auto silent = [&seen](const std::shared_ptr<Call>& call) {
    return std::make_shared<Handler>(call, seen);
  };
  Methods methods;
  methods["/test/Echo"] =
      reading([](auto call, Seen& s) { return std::make_shared<Echo>(call, s); });
  methods["/test/Count"] =
      reading([](auto call, Seen& s) { return std::make_shared<Counting>(call, s); });
  methods["/test/Silent"] = silent;
  methods["/test/Fail"] = [](const std::shared_ptr<Call>& call) {
    call->Finish(absl::NotFoundError(kAwkward));
    return nullptr;
  };
  methods["/test/Late"] = [silent](const std::shared_ptr<Call>& call) {
    call->RunAfter(std::chrono::seconds(1), [call] {
      call->Send(ToWire("late"));
      call->Finish(absl::OkStatus());
    });
    return silent(call);
  };
  return methods;
}

// Serves connections in the clear.
class PlainServer final : private Loop::Watcher {
 public:
  PlainServer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size);
    listen(listener_.get(), 100);
    getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    loop_.Add(listener_.get(), EPOLLIN, this);
    loop_.Start();
  }
  ~PlainServer() override {
    loop_.Stop([this] {
      while (!connections_.empty()) Remove(*connections_.begin()->second);
    });
  }

  int port() const { return port_; }
  Seen& seen() { return seen_; }
  size_t received() const { return received_; }
  void SayGoodbye() {
    loop_.Post([this] {
      for (auto& [id, connection] : connections_) {
        connection->session.SayGoodbye();
        connection->Send();
      }
    });
  }

 private:
  struct Connection final : Loop::Watcher {
    Connection(PlainServer& owner, Descriptor end, Http2Session::Setting setting)
        : server(owner), socket(std::move(end)), session(std::move(setting)) {}

    void OnEvents(uint32_t) override {
      std::array<char, 16'384> bytes;
      const ssize_t got = recv(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (got < 0 && errno == EAGAIN) return Send();
      server.received_ += static_cast<size_t>(std::max<ssize_t>(got, 0));
      const bool good = got > 0 && session.Receive({bytes.data(), static_cast<size_t>(got)}).ok();
      if (!good) return server.Remove(*this);
      Send();
    }
    void Send() {
      for (;;) {
        if (unsent.empty() && !session.Produce(unsent, 16'384).ok()) return server.Remove(*this);
        if (unsent.empty()) break;
        const ssize_t done =
            send(socket.get(), unsent.data(), unsent.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (done < 0 && errno != EAGAIN) return server.Remove(*this);
        unsent.erase(0, static_cast<size_t>(std::max<ssize_t>(done, 0)));
        if (!unsent.empty()) break;
      }
      if (unsent.empty() && session.over()) return server.Remove(*this);
      server.loop_.Change(watch, socket.get(), EPOLLIN | (unsent.empty() ? 0u : EPOLLOUT));
    }

    PlainServer& server;
    const Descriptor socket;
    Http2Session session;
    std::string unsent;
    uint64_t id = 0;
    Loop::Watch watch = 0;
  };

  void OnEvents(uint32_t) override {
    Descriptor end(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK));
    if (end.get() < 0) return;
    const uint64_t id = ++last_;
    auto reach = std::make_shared<const Call::Reach>([this, id](auto job) {
      loop_.Post([this, id, job] {
        const auto found = connections_.find(id);
        if (found == connections_.end()) return;
        job(found->second->session);
        found->second->Send();
      });
    });
    auto connection = std::make_unique<Connection>(
        *this, std::move(end),
        Http2Session::Setting{loop_, pool_, methods_, std::make_shared<Caller>(), reach});
    connection->id = id;
    connection->watch = loop_.Add(connection->socket.get(), EPOLLIN, connection.get());
    Connection& added = *connection;
    connections_[id] = std::move(connection);
    added.Send();
  }
  void Remove(Connection& connection) {
    loop_.Forget(connection.watch, connection.socket.get());
    const auto found = connections_.find(connection.id);
    loop_.Discard(std::move(found->second));
    connections_.erase(found);
  }

  Seen seen_;
  const Methods methods_ = MethodsFor(seen_);
  const Descriptor listener_;
  int port_ = 0;
  uint64_t last_ = 0;
  std::atomic<size_t> received_{0};
  std::map<uint64_t, std::unique_ptr<Connection>> connections_;
  Loop loop_;
  CallPool pool_{2};  // whose handlers use the loop
};

std::string Text(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(bytes.Dump(&slices).ok());
  std::string text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

grpc::ByteBuffer Bytes(const std::string& text) {
  const grpc::Slice slice(text);
  return {&slice, 1};
}

// A call of gRPC's own client, one step at a time.
class ClientCall {
 public:
  using Prepare = std::function<void(grpc::ClientContext&)>;
  ClientCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
             const Prepare& prepare = nullptr)
      : stub_(channel) {
    if (prepare) prepare(context);
    call_ = stub_.PrepareCall(&context, method, &queue_);
  }
  ~ClientCall() {
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  bool Start() {
    call_->StartCall(nullptr);
    return Step();
  }
  bool Write(const std::string& message) {
    call_->Write(Bytes(message), nullptr);
    return Step();
  }
  // Without waiting until it has left.
  void BeginToWrite(const std::string& message) { call_->Write(Bytes(message), nullptr); }
  std::optional<std::string> Read() {
    grpc::ByteBuffer message;
    call_->Read(&message, nullptr);
    return Step() ? std::optional(Text(message)) : std::nullopt;
  }
  bool WritesDone() {
    call_->WritesDone(nullptr);
    return Step();
  }
  grpc::Status Finish() {
    grpc::Status status;
    call_->Finish(&status, nullptr);
    Step();
    return status;
  }

  grpc::ClientContext context;

 private:
  bool Step() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

class StockClient : public testing::Test {
 protected:
  StockClient() {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    arguments.SetMaxSendMessageSize(-1);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);  // its windows stay as they are
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 200);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
    arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
    channel_ = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server_.port()),
                                         grpc::InsecureChannelCredentials(), arguments);
  }

  struct Outcome {
    grpc::Status status;
    std::string response;
  };
  Outcome Unary(const std::string& method, const std::string& request = "",
                const ClientCall::Prepare& prepare = nullptr) {
    ClientCall call(channel_, method, prepare);
    // What fails here shows in the status.
    if (call.Start() && call.Write(request)) call.WritesDone();
    std::string response = call.Read().value_or("");
    return {call.Finish(), std::move(response)};
  }

  PlainServer server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(StockClient, MessagesOfAnySize) {
  for (size_t size : {0, 1, 100, 16'384, 65'530, 65'536, 1 << 20, 7 << 20}) {
    const std::string request(size, 'x');
    const Outcome outcome = Unary("/test/Echo", request);
    EXPECT_TRUE(outcome.status.ok()) << outcome.status.error_message();
    EXPECT_TRUE(outcome.response == request) << size;
  }
}

TEST_F(StockClient, AMessageAboveTheLimit) {
  EXPECT_EQ(Unary("/test/Echo", std::string(kMaxMessage + 1, 'x')).status.error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(Unary("/test/Echo", "x").status.ok());
}

TEST_F(StockClient, AStatusWithAnyText) {
  const grpc::Status status = Unary("/test/Fail").status;
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), kAwkward);
}

TEST_F(StockClient, AMethodThatIsNotThere) {
  EXPECT_EQ(Unary("/test/Nothing").status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(StockClient, CompressedMessagesAreRefused) {
  const Outcome outcome = Unary(
      "/test/Echo", std::string(10'000, 'x'),
      [](grpc::ClientContext& context) { context.set_compression_algorithm(GRPC_COMPRESS_GZIP); });
  EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(StockClient, MetadataWithinTheLimit) {
  const Outcome some = Unary("/test/Echo", "x", [](grpc::ClientContext& context) {
    context.AddMetadata("x-some", std::string(5000, 'x'));
    context.AddMetadata("x-some-bin", std::string("\0\xff", 2));
  });
  EXPECT_TRUE(some.status.ok());
  const Outcome much = Unary("/test/Echo", "x", [](grpc::ClientContext& context) {
    context.AddMetadata("x-much", std::string(12'000, 'x'));
  });
  EXPECT_EQ(much.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(StockClient, ADeadline) {
  const Outcome outcome = Unary("/test/Silent", "x", [](grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(100));
  });
  EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(StockClient, ACallThatIsGivenUp) {
  ClientCall call(channel_, "/test/Echo");
  ASSERT_TRUE(call.Start() && call.Write("a"));
  EXPECT_EQ(call.Read(), "a");
  call.context.TryCancel();
  EXPECT_EQ(call.Finish().error_code(), grpc::StatusCode::CANCELLED);
  Seen::Wait([this] { return server_.seen().done == 1; });
}

TEST_F(StockClient, MessagesBothWays) {
  for (const auto& [count, size] : {std::pair(200, 100), std::pair(20, 1 << 20)}) {
    ClientCall call(channel_, "/test/Echo");
    ASSERT_TRUE(call.Start());
    for (int i = 0; i < count; ++i) {
      const std::string message(static_cast<size_t>(size), static_cast<char>('a' + i % 26));
      ASSERT_TRUE(call.Write(message));
      ASSERT_TRUE(call.Read() == message);
    }
    ASSERT_TRUE(call.WritesDone());
    EXPECT_EQ(call.Read(), std::nullopt);
    EXPECT_TRUE(call.Finish().ok());
  }
}

TEST_F(StockClient, ManyMessagesOneWay) {
  ClientCall call(channel_, "/test/Count");
  ASSERT_TRUE(call.Start() && call.Write("5000"));
  int messages = 0;
  while (call.Read().has_value()) ++messages;
  EXPECT_EQ(messages, 5000);
  EXPECT_TRUE(call.Finish().ok());
}

TEST_F(StockClient, MoreCallsThanThereMayBeAtATimeWait) {
  std::vector<std::future<void>> callers;
  for (uint32_t i = 0; i < 2 * Http2Session::kMaxCalls; ++i) {
    callers.push_back(std::async(std::launch::async, [this] {
      for (int call = 0; call < 5; ++call) {
        EXPECT_TRUE(Unary("/test/Echo", std::string(20'000, 'x')).status.ok());
      }
    }));
  }
  for (auto& caller : callers) caller.get();
}

TEST_F(StockClient, PingsAreAnsweredWhileACallTakesLong) {
  const Outcome outcome = Unary("/test/Late");
  EXPECT_TRUE(outcome.status.ok()) << outcome.status.error_message();
  EXPECT_EQ(outcome.response, "late");
}

TEST_F(StockClient, WhatAHandlerDoesNotReadIsNotTaken) {
  ClientCall call(channel_, "/test/Silent");
  ASSERT_TRUE(call.Start());
  call.BeginToWrite(std::string(4 << 20, 'x'));
  EXPECT_TRUE(Unary("/test/Echo", "others go on").status.ok());
  EXPECT_LT(server_.received(), 2 * Http2Session::kWindow);
  call.context.TryCancel();
}

TEST_F(StockClient, AHandlerGetsNoFurtherAheadThanTheClientReads) {
  ClientCall call(channel_, "/test/Count");
  ASSERT_TRUE(call.Start() && call.Write("5000"));
  ASSERT_TRUE(call.Read().has_value());
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(Unary("/test/Echo", "others go on").status.ok());
  EXPECT_LT(server_.seen().sent, 1000);
  call.context.TryCancel();
}

TEST_F(StockClient, AfterAGoodbyeCallsGoOnAndNewOnesTakeANewConnection) {
  ClientCall call(channel_, "/test/Echo");
  ASSERT_TRUE(call.Start() && call.Write("a"));
  EXPECT_EQ(call.Read(), "a");
  server_.SayGoodbye();
  ASSERT_TRUE(call.Write("b"));
  EXPECT_EQ(call.Read(), "b");
  EXPECT_TRUE(Unary("/test/Echo", "x").status.ok());
  ASSERT_TRUE(call.WritesDone());
  EXPECT_TRUE(call.Finish().ok());
}

TEST_F(StockClient, AHandlerGoesWithItsCall) {
  ClientCall call(channel_, "/test/Silent");
  ASSERT_TRUE(call.Start());
  Seen::Wait([this] { return server_.seen().alive == 1; });
  call.context.TryCancel();
  Seen::Wait([this] { return server_.seen().done == 1 && server_.seen().alive == 0; });
}

// Bytes by hand, without a connection.

std::string Frame(uint8_t type, uint8_t flags, uint8_t stream, const std::string& payload) {
  const auto size = static_cast<uint32_t>(payload.size());
  return std::string({static_cast<char>(size >> 16), static_cast<char>(size >> 8),
                      static_cast<char>(size), static_cast<char>(type), static_cast<char>(flags), 0,
                      0, 0, static_cast<char>(stream)}) +
         payload;
}

std::string Headers(const std::map<std::string, std::string>& more = {}) {
  std::map<std::string, std::string> headers = {{":authority", "a"},
                                                {":method", "POST"},
                                                {":path", "/test/Echo"},
                                                {":scheme", "https"},
                                                {"content-type", "application/grpc"},
                                                {"te", "trailers"}};
  for (const auto& [name, value] : more) headers[name] = value;
  std::string block;
  for (const auto& [name, value] : headers) {
    block += std::string({0, static_cast<char>(name.size())}) + name +
             static_cast<char>(value.size()) + value;
  }
  return block;
}

constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// A session whose client is the test.
class ByHand {
 public:
  ByHand() : session_({loop_, pool_, methods_, std::make_shared<Caller>(), Reach()}) {}
  ~ByHand() {
    // No handler may be left that does not know.
    session_.reset();
  }

  // What the session says in answer, once its handlers have nothing more to do.
  std::string Say(absl::string_view bytes) {
    std::string answer;
    if (session_.has_value() && !session_->Receive(bytes).ok()) session_.reset();
    for (;;) {
      if (session_.has_value() && !session_->Produce(answer, answer.size() + 100'000).ok()) {
        session_.reset();
      }
      std::vector<std::function<void(Http2Session&)>> jobs;
      {
        absl::MutexLock lock(&mutex_);
        jobs.swap(jobs_);
      }
      if (jobs.empty() && Quiet()) return answer;
      for (const auto& job : jobs) {
        if (session_.has_value()) job(*session_);
      }
    }
  }
  bool broken() const { return !session_.has_value() || !session_->failure().empty(); }

 private:
  // Lets whatever is scheduled run.
  bool Quiet() {
    struct Mark final : CallPool::Task {
      void Run() override { done.set_value(); }
      std::promise<void> done;
    };
    auto mark = std::make_shared<Mark>();
    pool_.Schedule(mark);
    mark->done.get_future().wait();
    absl::MutexLock lock(&mutex_);
    return jobs_.empty();
  }
  std::shared_ptr<const Call::Reach> Reach() {
    return std::make_shared<const Call::Reach>([this](auto job) {
      absl::MutexLock lock(&mutex_);
      jobs_.push_back(std::move(job));
    });
  }

  Seen seen_;
  const Methods methods_ = MethodsFor(seen_);
  absl::Mutex mutex_;
  std::vector<std::function<void(Http2Session&)>> jobs_;
  Loop loop_;
  CallPool pool_{1};
  struct Optional : std::optional<Http2Session> {
    explicit Optional(Http2Session::Setting setting) { emplace(std::move(setting)); }
  } session_;
};

std::string Conversation() {
  return std::string(kPreface) + Frame(4, 0, 0, "") + Frame(1, 4, 1, Headers()) +
         Frame(0, 1, 1, *ToWire("hello")) + Frame(6, 0, 0, "12345678") +
         Frame(1, 4, 3, Headers({{":path", "/test/Silent"}, {"grpc-timeout", "1H"}})) +
         Frame(3, 0, 3, std::string("\0\0\0\x08", 4));
}

TEST(Http2Session, AConversationByHand) {
  ByHand client;
  EXPECT_THAT(client.Say(Conversation()), testing::HasSubstr("hello"));
  EXPECT_FALSE(client.broken());
}

TEST(Http2Session, WhatIsNotGrpcGetsAnAnswerOfHttp) {
  for (const auto& header : std::vector<std::pair<std::string, std::string>>{
           {":method", "PUT"}, {"content-type", "text/plain"}, {"grpc-timeout", "soon"}}) {
    ByHand client;
    client.Say(std::string(kPreface) + Frame(4, 0, 0, ""));
    const std::string answer = client.Say(Frame(1, 5, 1, Headers({header})));
    ASSERT_GT(answer.size(), 9u);
    // Headers that end the call.
    const size_t at = answer.find(std::string("\x01\x05\0\0\0\x01", 6));
    EXPECT_NE(at, std::string::npos) << header.first;
    EXPECT_FALSE(client.broken());
  }
}

TEST(Http2Session, ACallPastItsDeadlineEnds) {
  PlainServer server;
  const Descriptor client(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address = {.sin_family = AF_INET,
                         .sin_port = htons(static_cast<uint16_t>(server.port())),
                         .sin_addr = {htonl(INADDR_LOOPBACK)}};
  ASSERT_EQ(connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const std::string bytes =
      std::string(kPreface) + Frame(4, 0, 0, "") +
      Frame(1, 4, 1, Headers({{":path", "/test/Silent"}, {"grpc-timeout", "50m"}}));
  ASSERT_EQ(send(client.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  Seen::Wait([&] { return server.seen().done == 1; });
}

TEST(Http2Session, ConnectionsThatAreCutAnywhere) {
  const std::string all = Conversation();
  for (size_t cut = 0; cut <= all.size(); ++cut) {
    ByHand client;
    client.Say(absl::string_view(all).substr(0, cut));
    EXPECT_FALSE(client.broken()) << cut;
  }
}

TEST(Http2Session, OneWrongByteAnywhere) {
  const std::string all = Conversation();
  for (size_t at = 0; at < all.size(); ++at) {
    for (const int change : {0x01, 0x80, 0xff}) {
      std::string bytes = all;
      bytes[at] = static_cast<char>(bytes[at] ^ change);
      ByHand client;
      client.Say(bytes);
      // The rest of a conversation that went wrong.
      client.Say(absl::string_view(all).substr(sizeof kPreface - 1));
    }
  }
}

TEST(Http2Session, HeadersWithoutEndBreakTheConnection) {
  ByHand client;
  client.Say(std::string(kPreface) + Frame(4, 0, 0, ""));
  // An entry of the dynamic table is repeated, one byte each.
  std::string bomb = Headers() + "\x40\x01x" + "\x7f\xa1\x1e" + std::string(4000, 'a');
  bomb += std::string(10'000, '\xbe');
  client.Say(Frame(1, 4, 1, bomb));
  EXPECT_TRUE(client.broken());
}

}  // namespace
}  // namespace firebreak::controller
