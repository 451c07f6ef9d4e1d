// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/try_connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace firebreak::agent {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLeast{100}, kMostTime{30'000};
int under_way = 0;  // on the loop's thread

struct Target {
  sockaddr_storage storage{};
  socklen_t size = 0;
  int family = AF_UNSPEC;
};

std::optional<Target> TargetOf(const v1::ProbeQuestion& question) {
  Target target;
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&target.storage);
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&target.storage);
  // Raw sockets take no port.
  const uint32_t port = question.protocol() == IPPROTO_ICMP ? 0 : question.port();
  if (inet_pton(AF_INET, question.address().c_str(), &v4->sin_addr) == 1) {
    target.family = v4->sin_family = AF_INET;
    v4->sin_port = htons(static_cast<uint16_t>(port));
    target.size = sizeof *v4;
  } else if (inet_pton(AF_INET6, question.address().c_str(), &v6->sin6_addr) == 1) {
    target.family = v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(static_cast<uint16_t>(port));
    target.size = sizeof *v6;
  } else {
    return std::nullopt;
  }
  return target;
}

// RFC 1071.
uint16_t Checksum(const unsigned char* bytes, size_t size) {
  uint32_t sum = 0;
  for (size_t i = 0; i + 1 < size; i += 2)
    sum += static_cast<uint32_t>(bytes[i] << 8 | bytes[i + 1]);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return htons(static_cast<uint16_t>(~sum));
}

// An echo request. Raw sockets of IPv6 put the checksum in by themselves.
std::string EchoRequest(int family, uint16_t id) {
  icmphdr header{};
  header.type = family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
  header.un.echo.id = id;
  header.un.echo.sequence = htons(1);
  if (family == AF_INET) {
    header.checksum = Checksum(reinterpret_cast<const unsigned char*>(&header), sizeof header);
  }
  return std::string(reinterpret_cast<const char*>(&header), sizeof header);
}

// Whether a packet of a raw socket is the reply to the request with this id. One of IPv4 begins
// with the IP header.
bool IsEchoReply(int family, uint16_t id, std::string packet) {
  if (family == AF_INET) {
    const size_t header = packet.empty() ? 0 : static_cast<size_t>(packet[0] & 0xf) * 4;
    if (packet.size() < header) return false;
    packet.erase(0, header);
  }
  icmphdr reply;
  if (packet.size() < sizeof reply) return false;
  memcpy(&reply, packet.data(), sizeof reply);
  return reply.type == (family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY) &&
         reply.un.echo.id == id;
}

// The id is made from the socket's number, so that probes that run at once are told apart.
uint16_t EchoId(int descriptor) { return htons(static_cast<uint16_t>(0xfb00 + descriptor)); }

}  // namespace

void TryConnection::Start(EventLoop& loop, std::shared_ptr<Reply> reply) {
  if (under_way >= kMost) {
    reply->Fail(absl::ResourceExhaustedError(
        absl::StrCat(kMost, " probes are under way on this host already; try again")));
    return;
  }
  const std::shared_ptr<TryConnection> probe(new TryConnection(loop, std::move(reply)));
  probe->Open();
}

TryConnection::TryConnection(EventLoop& loop, std::shared_ptr<Reply> reply)
    : loop_(loop), reply_(std::move(reply)) {
  ++under_way;
}

TryConnection::~TryConnection() {
  --under_way;
  if (reply_ != nullptr) reply_->OnCancel(nullptr);
}

void TryConnection::Open() {
  const v1::ProbeQuestion& question = reply_->question().probe();
  const std::optional<Target> target = TargetOf(question);
  const bool icmp = question.protocol() == IPPROTO_ICMP;
  const bool has_port = question.protocol() == IPPROTO_TCP || question.protocol() == IPPROTO_UDP;
  const bool port_fits = icmp || (question.port() > 0 && question.port() <= 65535);
  if (!target.has_value() || (!icmp && !has_port) || !port_fits) {
    std::exchange(reply_, nullptr)
        ->Fail(absl::InvalidArgumentError(
            "a probe needs tcp or udp with an address and a port, or icmp with an address"));
    return;
  }
  const int protocol =
      icmp && target->family == AF_INET6 ? IPPROTO_ICMPV6 : static_cast<int>(question.protocol());
  const int type = icmp ? SOCK_RAW : has_port && protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM;
  socket_ = Descriptor(socket(target->family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
  if (socket_.get() < 0) return EndWith(errno);
  const int on = 1;
  setsockopt(socket_.get(), target->family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
             target->family == AF_INET ? IP_RECVERR : IPV6_RECVERR, &on, sizeof on);
  if (connect(socket_.get(), reinterpret_cast<const sockaddr*>(&target->storage), target->size) !=
          0 &&
      errno != EINPROGRESS) {
    return EndWith(errno);
  }
  if (protocol != IPPROTO_TCP) {
    const std::string message =
        icmp ? EchoRequest(target->family, EchoId(socket_.get())) : std::string(1, '\0');
    if (send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL) < 0) {
      return EndWith(errno);
    }
  }
  // The loop keeps it; whoever asked may go, and then so does it.
  const std::shared_ptr<TryConnection> self = shared_from_this();
  loop_.Watch(socket_.get(), [self] { self->OnEvent(false); });
  if (protocol == IPPROTO_TCP) {
    loop_.WatchWritable(socket_.get(), [self] { self->OnEvent(true); });
  }
  const milliseconds wait = std::clamp(milliseconds(question.timeout_millis()), kLeast, kMostTime);
  deadline_ = loop_.RunAfter(
      wait, [self] { self->End(v1::ProbeAnswer::silent, "nothing came back in time"); });
  reply_->OnCancel([weak = weak_from_this()] {
    if (const auto still = weak.lock()) still->End(v1::ProbeAnswer::silent, "nobody listens");
  });
}

void TryConnection::OnEvent(bool writable) {
  if (reply_ == nullptr) return;
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return EndWith(error);
  const v1::ProbeQuestion& question = reply_->question().probe();
  if (question.protocol() == IPPROTO_TCP) {
    if (writable) End(v1::ProbeAnswer::answered, "the connection was made");
    return;
  }
  char buffer[512];
  const ssize_t count = recv(socket_.get(), buffer, sizeof buffer, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count < 0) return EndWith(errno);
  const int family = question.address().find(':') == std::string::npos ? AF_INET : AF_INET6;
  if (question.protocol() == IPPROTO_ICMP &&
      !IsEchoReply(family, EchoId(socket_.get()),
                   std::string(buffer, static_cast<size_t>(count)))) {
    return;  // a raw socket gets what others ask for too
  }
  End(v1::ProbeAnswer::answered, "an answer came");
}

void TryConnection::EndWith(int error) {
  const char* const text = strerror(error);
  switch (error) {
    case ECONNREFUSED:
    case ECONNRESET:
    case EHOSTUNREACH:
    case ENETUNREACH: return End(v1::ProbeAnswer::refused, text);
    // The verdict of an output chain, or of a packet filter of another kind.
    case EPERM:
    case EACCES: return End(v1::ProbeAnswer::forbidden, text);
    default: break;
  }
  if (reply_ == nullptr) return;
  if (error == ETIMEDOUT) return End(v1::ProbeAnswer::silent, text);
  const std::shared_ptr<Reply> reply = std::exchange(reply_, nullptr);
  reply->OnCancel(nullptr);
  reply->Fail(absl::ErrnoToStatus(error, "try the connection"));
  End(v1::ProbeAnswer::unspecified, "");
}

void TryConnection::End(v1::ProbeAnswer::Outcome outcome, const char* detail) {
  const std::shared_ptr<TryConnection> self = weak_from_this().lock();  // past Unwatch
  if (socket_.get() >= 0 && deadline_ != 0) loop_.Unwatch(socket_.get());
  loop_.Cancel(std::exchange(deadline_, 0));
  socket_ = Descriptor();
  const std::shared_ptr<Reply> reply = std::exchange(reply_, nullptr);
  if (reply == nullptr) return;
  reply->OnCancel(nullptr);
  v1::Answer answer;
  v1::ProbeAnswer& probe = *answer.mutable_probe();
  probe.set_outcome(outcome);
  probe.set_detail(detail);
  probe.set_micros(static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                             std::chrono::steady_clock::now() - began_)
                                             .count()));
  reply->Last(std::move(answer));
}

}  // namespace firebreak::agent
