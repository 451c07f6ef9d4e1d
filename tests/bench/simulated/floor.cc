// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/simulated/floor.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include "proto/endpoint/enrolment.h"
#include "tests/bench/simulated/process_clock.h"
#include "tests/bench/simulated/tls_link.h"

namespace firebreak::bench {
namespace {

constexpr size_t kPushed = 4096;
constexpr size_t kAcknowledgement = 100;
constexpr size_t kConnectingAtOnce = 64;

// Counters that the processes share.
struct Progress {
  std::atomic<size_t> connected = 0;  // hosts connected to the server
  std::atomic<bool> push = false;
  std::atomic<size_t> acknowledged = 0;
};

Identity MakeIdentity() {
  Identity identity = {KeyPtr(EVP_EC_gen("P-256")), CertificatePtr(X509_new())};
  X509* const certificate = identity.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 24 * 3600);
  X509_set_pubkey(certificate, identity.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("floor"), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  X509_sign(certificate, identity.key.get(), EVP_sha256());
  return identity;
}

class Server final : public TurnLoop::Watcher {
 public:
  Server(Progress& progress, const Identity& identity, int listener)
      : progress_(progress), context_(SSL_CTX_new(TLS_server_method())), listener_(listener) {
    SSL_CTX* const context = context_.get();
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_use_certificate(context, identity.certificate.get());
    SSL_CTX_use_PrivateKey(context, identity.key.get());
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), identity.certificate.get());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    loop_.Watch(listener_, EPOLLIN, this);
  }

  [[noreturn]] void Run() {
    for (bool pushed = false;;) {
      loop_.Turn(std::chrono::milliseconds(5));
      if (pushed || !progress_.push) continue;
      pushed = true;
      const std::string bytes(kPushed, 'p');
      for (const auto& client : clients_) client->link->Send(bytes);
    }
  }

 private:
  struct Client final : TlsLink::Listener {
    explicit Client(Progress& all) : progress(all) {}
    void OnOpened() override { ++progress.connected; }
    void OnReceived(std::string_view bytes) override {
      received += bytes.size();
      if (received == kAcknowledgement) ++progress.acknowledged;
    }
    void OnClosed(const std::string&) override {}

    Progress& progress;
    size_t received = 0;
    std::unique_ptr<TlsLink> link;
  };

  void OnEvents(uint32_t) override {
    for (;;) {
      Descriptor accepted(accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (accepted.get() < 0) return;
      clients_.push_back(std::make_unique<Client>(progress_));
      Client& client = *clients_.back();
      client.link = std::make_unique<TlsLink>(loop_, context_.get(), std::move(accepted), &client);
    }
  }

  TurnLoop loop_;
  Progress& progress_;
  const SslContextPtr context_;
  const int listener_;
  std::vector<std::unique_ptr<Client>> clients_;
};

class Clients {
 public:
  Clients(const Identity& identity, const sockaddr_in& server, size_t count)
      : context_(MakeClientContext(Pem(*identity.certificate), kHttp2Alpn)),
        identity_(identity),
        server_(server),
        left_(count) {
    for (size_t i = 0; i < kConnectingAtOnce; ++i) Next();
  }

  [[noreturn]] void Run() {
    for (;;) loop_.Turn(std::chrono::milliseconds(100));
  }

 private:
  struct Client final : TlsLink::Listener {
    explicit Client(Clients& all) : clients(all) {}
    void OnOpened() override { clients.Next(); }
    void OnReceived(std::string_view bytes) override {
      received += bytes.size();
      if (received == kPushed) link->Send(std::string(kAcknowledgement, 'a'));
    }
    void OnClosed(const std::string&) override {}

    Clients& clients;
    size_t received = 0;
    std::unique_ptr<TlsLink> link;
  };

  void Next() {
    if (left_ == 0) return;
    --left_;
    sockaddr_in from = server_;
    from.sin_port = 0;
    from.sin_addr.s_addr = htonl(0x7f020000 + static_cast<uint32_t>(left_ / 250 * 256 + 1));
    clients_.push_back(std::make_unique<Client>(*this));
    Client& client = *clients_.back();
    client.link =
        std::make_unique<TlsLink>(loop_, context_.get(), from, server_, &identity_, &client);
  }

  TurnLoop loop_;
  const SslContextPtr context_;
  const Identity& identity_;
  const sockaddr_in server_;
  size_t left_;
  std::vector<std::unique_ptr<Client>> clients_;
};

template <typename Body>
pid_t Fork(const Body& body) {
  const pid_t process = fork();
  if (process != 0) return process;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
  body();
  _exit(0);
}

double SecondsUntil(const std::atomic<size_t>& count, size_t wanted) {
  const auto begun = std::chrono::steady_clock::now();
  while (count < wanted) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

}  // namespace

Floor MeasureFloor(size_t hosts) {
  Progress& progress = *new (mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0)) Progress;
  const Identity identity = MakeIdentity();
  const Descriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  listen(listener.get(), 4096);
  socklen_t size = sizeof address;
  getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);

  Floor floor;
  const double each = 1e6 / static_cast<double>(hosts);
  const pid_t server = Fork([&] { Server(progress, identity, listener.get()).Run(); });
  const size_t half = hosts / 2;
  const pid_t first = Fork([&] { Clients(identity, address, half).Run(); });
  const pid_t second = Fork([&] { Clients(identity, address, hosts - half).Run(); });
  floor.connect_seconds = SecondsUntil(progress.connected, hosts);
  const double connected = CpuOf(server);
  floor.connect_micros = connected * each;
  progress.push = true;
  floor.push_seconds = SecondsUntil(progress.acknowledged, hosts);
  floor.push_micros = (CpuOf(server) - connected) * each;
  for (const pid_t process : {first, second, server}) End(process);
  return floor;
}

}  // namespace firebreak::bench
