// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/simulated/controller_process.h"

#include <fcntl.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "proto/endpoint/endpoint.h"
#include "tests/bench/simulated/process_clock.h"
#include "tests/bench/simulated/scoreboard.h"

namespace firebreak::bench {
namespace {

constexpr int kMaxMessage = 1 << 30;
constexpr size_t kAskers = 16;

void InsistOn(const grpc::Status& status, const char* what) {
  if (status.ok()) return;
  fprintf(stderr, "%s: %s\n", what, status.error_message().c_str());
  exit(1);
}

}  // namespace

ControllerProcess::ControllerProcess(std::string program, std::string directory, int port)
    : program_(std::move(program)), directory_(std::move(directory)), port_(port) {
  Start();
}

ControllerProcess::~ControllerProcess() {
  admin_.reset();
  End(process_);
}

void ControllerProcess::Restart() {
  admin_.reset();
  End(process_);
  std::filesystem::remove(directory_ + "/admin.yaml");
  Start();
}

void ControllerProcess::Start() {
  const std::string listen = absl::StrCat("127.0.0.1:", port_);
  const std::string log = directory_ + "/controller.log";
  process_ = fork();
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    execl(program_.c_str(), program_.c_str(), "--data-dir", directory_.c_str(), "--listen",
          listen.c_str(), nullptr);
    perror(program_.c_str());
    _exit(1);
  }
  LogIn();
}

void ControllerProcess::LogIn() {
  const std::string path = directory_ + "/admin.yaml";
  // The controller writes its context atomically once it listens.
  while (!std::filesystem::exists(path)) {
    if (waitpid(process_, nullptr, WNOHANG) != 0) {
      fprintf(stderr, "%s ended; see %s/controller.log\n", program_.c_str(), directory_.c_str());
      exit(1);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const YAML::Node context = YAML::LoadFile(path);
  ca_ = context["ca"].as<std::string>();
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(kControllerTlsName);
  arguments.SetMaxReceiveMessageSize(kMaxMessage);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  admin_ = v1::Admin::NewStub(grpc::CreateCustomChannel(
      context["controller"].as<std::string>(),
      grpc::SslCredentials({.pem_root_certs = ca_,
                            .pem_private_key = context["key"].as<std::string>(),
                            .pem_cert_chain = context["certificate"].as<std::string>()}),
      arguments));
}

std::string ControllerProcess::Token() {
  grpc::ClientContext context;
  v1::CreateTokenRequest request;
  request.set_ttl_seconds(24 * 3600);
  request.set_uses(100'000);
  v1::CreateTokenResponse response;
  context.set_wait_for_ready(true);
  InsistOn(admin_->CreateToken(&context, request, &response), "create a token");
  return response.token();
}

uint64_t ControllerProcess::Apply(const std::string& yaml) {
  LogIn();
  grpc::ClientContext context;
  v1::ApplyRequest request;
  request.add_files()->set_name("bench.yaml");
  request.mutable_files(0)->set_text(yaml);
  request.set_all_at_once(true);  // measures how fast all hosts get the change
  v1::ApplyResponse response;
  InsistOn(admin_->Apply(&context, request, &response), "apply");
  return response.revision();
}

uint64_t ControllerProcess::ApplyInWaves(const std::string& yaml, const std::string& strategy) {
  LogIn();
  grpc::ClientContext context;
  v1::ApplyRequest request;
  request.add_files()->set_name("bench.yaml");
  request.mutable_files(0)->set_text(yaml);
  request.set_strategy(strategy);
  v1::ApplyResponse response;
  InsistOn(admin_->Apply(&context, request, &response), "apply in waves");
  return response.revision();
}

uint64_t ControllerProcess::Undo() {
  LogIn();
  grpc::ClientContext context;
  v1::UndoRequest request;
  request.set_all_at_once(true);
  v1::ApplyResponse response;
  InsistOn(admin_->Undo(&context, request, &response), "undo");
  return response.revision();
}

v1::StagedRollout ControllerProcess::Rollout() {
  LogIn();
  grpc::ClientContext context;
  v1::StagedRollout rollout;
  InsistOn(admin_->GetRollout(&context, {}, &rollout), "get the rollout");
  return rollout;
}

void ControllerProcess::UndoRollout() {
  LogIn();
  grpc::ClientContext context;
  v1::ControlRolloutRequest request;
  request.set_command(v1::ControlRolloutRequest::undo);
  v1::StagedRollout rollout;
  InsistOn(admin_->ControlRollout(&context, request, &rollout), "undo the rollout");
}

size_t ControllerProcess::ListHosts() {
  LogIn();  // the controller closes connections that were idle for minutes
  grpc::ClientContext context;
  v1::ListHostsResponse response;
  InsistOn(admin_->ListHosts(&context, {}, &response), "list hosts");
  return static_cast<size_t>(response.hosts_size());
}

void ControllerProcess::AskAll(size_t hosts) {
  LogIn();
  std::atomic<size_t> next{0};
  std::vector<std::thread> askers;
  for (size_t i = 0; i < kAskers; ++i) {
    askers.emplace_back([&] {
      for (size_t host; (host = next++) < hosts;) {
        grpc::ClientContext context;
        v1::AskHostRequest request;
        request.set_host(HostName(host));
        request.mutable_question()->mutable_interfaces();
        const auto reader = admin_->AskHost(&context, request);
        v1::Answer answer;
        while (reader->Read(&answer)) continue;
        InsistOn(reader->Finish(), "ask a host");
      }
    });
  }
  for (std::thread& asker : askers) asker.join();
}

double ControllerProcess::Cpu() const { return CpuOf(process_); }

long ControllerProcess::Memory(const char* which) const { return MemoryOf(process_, which); }

}  // namespace firebreak::bench
