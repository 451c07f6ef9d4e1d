// SPDX-License-Identifier: Apache-2.0
#include "cli/connection/test_fleet.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

constexpr char kScript[] = R"(cd "@DIR@" && exec >log 2>&1 &&
key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes" &&
openssl req -x509 $key -subj /CN=fleet -days 2 -keyout ca.key -out ca.pem &&
for name in controller admin; do
  openssl req $key -subj /CN=$name -keyout $name.key -out $name.csr || exit 1
done &&
printf 'subjectAltName=DNS:@TLS_NAME@\n' >controller.ext &&
printf 'subjectAltName=URI:firebreak://admin/test\n' >admin.ext &&
for name in controller admin; do
  openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
    -extfile $name.ext -out $name.pem || exit 1
done)";

}  // namespace

TestFleet::TestFleet(const std::string& tls_name) {
  std::string name = testing::TempDir() + "/fleet_XXXXXX";
  if (mkdtemp(name.data()) == nullptr) {
    ADD_FAILURE() << "mkdtemp " << name;
    return;
  }
  dir_ = name;
  const std::string script =
      absl::StrReplaceAll(kScript, {{"@DIR@", dir_}, {"@TLS_NAME@", tls_name}});
  EXPECT_EQ(system(script.c_str()), 0) << Read("log");
}

TestFleet::~TestFleet() {
  if (server_ != nullptr) {
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
  }
  std::filesystem::remove_all(dir_);
}

std::string TestFleet::Read(const std::string& name) const {
  std::ifstream file(absl::StrCat(dir_, "/", name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void TestFleet::Serve(grpc::Service& service) {
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = Read("ca.pem");
  options.pem_key_cert_pairs.push_back({Read("controller.key"), Read("controller.pem")});
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &port);
  builder.RegisterService(&service);
  server_ = builder.BuildAndStart();
  ASSERT_NE(server_, nullptr);
  address_ = absl::StrCat("127.0.0.1:", port);
}

Context TestFleet::AdminContext(const std::string& controller) const {
  Context context;
  context.controller = controller.empty() ? address_ : controller;
  context.ca = Read("ca.pem");
  context.certificate = Read("admin.pem");
  context.key = Read("admin.key");
  return context;
}

std::string TestFleet::ContextFile() const {
  const Context context = AdminContext();
  const auto block = [](const std::string& text) {
    return absl::StrCat("|\n  ", absl::StrReplaceAll(text, {{"\n", "\n  "}}), "\n");
  };
  std::string path = dir_ + "/context.yaml";
  std::ofstream(path) << "controller: " << context.controller << "\nca: " << block(context.ca)
                      << "certificate: " << block(context.certificate)
                      << "key: " << block(context.key);
  EXPECT_EQ(chmod(path.c_str(), 0600), 0);
  return path;
}

}  // namespace firebreak::cli
