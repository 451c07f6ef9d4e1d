// SPDX-License-Identifier: Apache-2.0

// gRPC's own client for C++ against Http2Session.

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <optional>

#include "absl/strings/str_cat.h"
#include "controller/front/http2/echo_methods.h"
#include "controller/front/http2/plain_server.h"

namespace firebreak::controller {
namespace {

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

}  // namespace
}  // namespace firebreak::controller
