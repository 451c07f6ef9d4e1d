// SPDX-License-Identifier: Apache-2.0
#include "controller/beacon/beacon_connection.h"

#include <netinet/in.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace firebreak::controller {
namespace {

// Reads the peer's address as it is on the wire: four bytes for IPv4, also on a socket for both
// families.
bool ReadPeer(int descriptor, v1::BeaconStatement& statement) {
  sockaddr_storage storage = {};
  socklen_t size = sizeof storage;
  if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return false;
  if (storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    statement.set_seen_address(&v4.sin_addr, sizeof v4.sin_addr);
    statement.set_seen_port(ntohs(v4.sin_port));
    return true;
  }
  if (storage.ss_family != AF_INET6) return false;
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
  const size_t skip = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) ? 12 : 0;
  statement.set_seen_address(v6.sin6_addr.s6_addr + skip, 16 - skip);
  statement.set_seen_port(ntohs(v6.sin6_port));
  return true;
}

}  // namespace

BeaconConnection::BeaconConnection(int descriptor, const BeaconKey& key, Clock::time_point now)
    : descriptor_(descriptor),
      key_(key),
      ssl_(SSL_new(key.context())),
      deadline_(now + kHandshake),
      paid_until_(now) {
  if (ssl_ != nullptr) {
    socket_.emplace(ssl_.get(), descriptor_);
    SSL_set_accept_state(ssl_.get());
  }
}

BeaconConnection::~BeaconConnection() { close(descriptor_); }

bool BeaconConnection::Advance(Clock::time_point now) {
  if (ssl_ == nullptr || now >= deadline_) return false;
  ERR_clear_error();
  socket_->Allow(kPortion);
  waits_to_write_ = false;
  if (!connected_ && !Handshake(now)) return false;
  if (connected_ && !Read(now)) return false;
  return socket_->received() - paid_ <= kMaxBytes;
}

bool BeaconConnection::Handshake(Clock::time_point now) {
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    connected_ = true;
    paid_ = socket_->received();
    // A client that has finished its handshake asks at once, so its first question has little time.
    deadline_ = now + kHandshake;
    return true;
  }
  const int error = SSL_get_error(ssl_.get(), result);
  waits_to_write_ = error == SSL_ERROR_WANT_WRITE;
  return error == SSL_ERROR_WANT_READ || waits_to_write_;
}

bool BeaconConnection::Read(Clock::time_point now) {
  while (true) {
    char bytes[kMaxBeaconMessage];
    const int read = SSL_read(ssl_.get(), bytes, sizeof bytes);
    if (read <= 0) return SSL_get_error(ssl_.get(), read) == SSL_ERROR_WANT_READ;
    frames_.Add({bytes, static_cast<size_t>(read)});
    while (const std::optional<std::string> message = frames_.Next()) {
      if (!Answer(*message, now)) return false;
    }
    if (frames_.Broken()) return false;
  }
}

bool BeaconConnection::Answer(const std::string& message, Clock::time_point now) {
  paid_until_ = std::max(paid_until_, now) + kPerQuestion;
  if (paid_until_ > now + kBurst * kPerQuestion) return false;
  v1::BeaconQuestion question;
  if (!question.ParseFromString(message)) return false;
  deadline_ = now + kSilence;
  paid_ = socket_->received();
  const std::string frame = BeaconFrame(AnswerTo(question).SerializeAsString());
  // If the client reads its answers, the socket has room for all that are unread.
  const int written = SSL_write(ssl_.get(), frame.data(), static_cast<int>(frame.size()));
  return written == static_cast<int>(frame.size());
}

v1::BeaconAnswer BeaconConnection::AnswerTo(const v1::BeaconQuestion& question) {
  v1::BeaconAnswer answer;
  const auto& locations = key_.locations();
  if (std::find(locations.begin(), locations.end(), question.location()) == locations.end()) {
    answer.set_error("this beacon proves another location");
    return answer;
  }
  if (question.nonce().size() != kBeaconNonceBytes) {
    answer.set_error(absl::StrCat("a nonce has ", kBeaconNonceBytes, " bytes"));
    return answer;
  }
  v1::BeaconStatement statement;
  statement.set_location(question.location());
  statement.set_nonce(question.nonce());
  unsigned char binding[kChannelBindingBytes];
  if (!ReadPeer(descriptor_, statement) ||
      SSL_export_keying_material(ssl_.get(), binding, sizeof binding, kChannelBindingLabel,
                                 sizeof kChannelBindingLabel - 1, nullptr, 0, 0) != 1) {
    answer.set_error("the beacon cannot identify the connection");
    return answer;
  }
  statement.set_channel_binding(binding, sizeof binding);
  answer.set_statement(statement.SerializeAsString());
  absl::StatusOr<std::string> signature = key_.Sign(SignedBeaconBytes(answer.statement()));
  if (!signature.ok()) {
    answer.clear_statement();
    answer.set_error("the beacon cannot sign");
    return answer;
  }
  answer.set_signature(*std::move(signature));
  return answer;
}

}  // namespace firebreak::controller
