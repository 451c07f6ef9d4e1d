// SPDX-License-Identifier: Apache-2.0
#include "controller/identity/connections.h"

#include <openssl/rand.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/openssl/openssl.h"

namespace firebreak::controller {

absl::StatusOr<std::string> Connections::Add(Caller caller, End end) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return OpensslError("name a connection");
  std::string name = absl::BytesToHexString({reinterpret_cast<const char*>(bytes), sizeof bytes});
  const size_t most = caller.role == Role::kHost ? kOfHost : kOfAdministrator;
  End oldest;
  {
    absl::MutexLock lock(&mutex_);
    OfCaller& of_caller = by_caller_[caller.Text()];
    if (of_caller.budget == nullptr) {
      of_caller.budget = std::make_shared<ByteBudget>(Allowance::Clock::now());
    }
    std::vector<std::string>& names = of_caller.names;
    names.push_back(name);
    if (names.size() > most) oldest = connections_.at(names.front()).end;
    // It is removed when it has ended; until then the next one counts as the oldest.
    if (oldest) std::rotate(names.begin(), names.begin() + 1, names.end() - 1);
    connections_.emplace(name, Connection{std::move(caller), std::move(end)});
  }
  if (oldest) oldest(absl::StrCat("more than ", most, " connections at a time; the oldest ended"));
  return name;
}

void Connections::Remove(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  const auto connection = connections_.find(name);
  if (connection == connections_.end()) return;
  const auto of_caller = by_caller_.find(connection->second.caller.Text());
  std::vector<std::string>& names = of_caller->second.names;
  names.erase(std::find(names.begin(), names.end(), name));
  if (names.empty()) by_caller_.erase(of_caller);
  connections_.erase(connection);
}

std::shared_ptr<ByteBudget> Connections::BudgetOf(const std::string& name) const {
  absl::MutexLock lock(&mutex_);
  return by_caller_.at(connections_.at(name).caller.Text()).budget;
}

std::optional<Caller> Connections::Find(absl::string_view grpc_peer) const {
  if (!absl::ConsumePrefix(&grpc_peer, "unix-abstract:")) return std::nullopt;
  absl::MutexLock lock(&mutex_);
  const auto connection = connections_.find(grpc_peer);
  if (connection == connections_.end()) return std::nullopt;
  return connection->second.caller;
}

void Connections::EndAll(const std::string& caller) {
  std::vector<End> ends;
  {
    absl::MutexLock lock(&mutex_);
    const auto of_caller = by_caller_.find(caller);
    if (of_caller == by_caller_.end()) return;
    for (const std::string& name : of_caller->second.names) {
      ends.push_back(connections_.at(name).end);
    }
  }
  for (const End& end : ends) end("");
}

size_t Connections::size() const {
  absl::MutexLock lock(&mutex_);
  return connections_.size();
}

}  // namespace firebreak::controller
