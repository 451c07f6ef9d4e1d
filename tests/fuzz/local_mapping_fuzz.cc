// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/mappings/check_wanted.h"
#include "agent/mappings/mapping_table.h"
#include "firebreak/v1/host.pb.h"
#include "policy/merge/check_effective.h"
#include "policy/merge/local_mapping.h"
#include "tests/fuzz/local_questions.h"
#include "tests/fuzz/require.h"

// Takes any bytes as what local programs write to the agent's socket: questions about mappings, by
// root and another user in turn. Whatever they contain, the table must keep its bounds, names must
// stay unique, and the resulting policy must be one that an agent accepts.

namespace firebreak::agent {
namespace {

v1::EffectivePolicy Permitting() {
  v1::EffectivePolicy policy;
  policy.set_managed(true);
  v1::EffectiveLocation& elsewhere = *policy.add_locations();
  elsewhere.set_name("elsewhere");
  elsewhere.mutable_host()->set_local_control(v1::LocalControl::allow);
  elsewhere.mutable_host()->set_local_control_policy("base");
  return policy;
}

void Take(const v1::LocalMappingQuestion& question, bool root, absl::Time now,
          v1::LocalMappings& table) {
  const Wanter wanter = root ? Wanter::kRoot : Wanter::kOther;
  switch (question.what_case()) {
    case v1::LocalMappingQuestion::kAdd:
    case v1::LocalMappingQuestion::kAsk: {
      const bool add = question.has_add();
      auto wanted = CheckWanted(add ? question.add() : question.ask(), wanter);
      if (!wanted.ok()) return;
      wanted->set_uid(root ? 0 : 1000);
      if (add && root) {
        AddMapping(*wanted, "root", now, table).IgnoreError();
      } else {
        AskForMapping(*wanted, now, table).IgnoreError();
      }
      return;
    }
    case v1::LocalMappingQuestion::kRemove:
      RemoveMapping(question.remove(), root ? std::nullopt : std::optional<uint32_t>(1000), table)
          .IgnoreError();
      return;
    case v1::LocalMappingQuestion::kDecide: {
      const v1::LocalMappingDecision& decision = question.decide();
      if (!root) return;
      if (decision.grant()) {
        GrantMapping(decision.number(), decision.seconds(), "root", now, table).IgnoreError();
      } else {
        RemoveRequest(decision.number(), table).IgnoreError();
      }
      return;
    }
    default: return;
  }
}

void Check(const v1::LocalMappings& table) {
  Require(table.open_size() <= kMaxOpenMappings && table.asked_size() <= kMaxRequests);
  std::set<std::string> names;
  std::set<uint64_t> numbers;
  for (const auto* list : {&table.open(), &table.asked()}) {
    for (const v1::LocalMapping& one : *list) {
      Require(names.insert(one.mapping().name()).second);
      Require(numbers.insert(one.number()).second && one.number() <= table.last_number());
      for (const char c : DescribeMapping(one)) Require(c >= ' ' && c <= '~');
    }
  }
  v1::EffectivePolicy policy = Permitting();
  policy::ApplyLocalMappings(table, policy);
  Require(policy::CheckEffective(policy).ok());
  policy::RemoveLocalMappings(policy);
  Require(policy.SerializeAsString() == Permitting().SerializeAsString());
}

void Fuzz(absl::string_view bytes) {
  v1::LocalMappings table;
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  ForEachQuestion(bytes, [&](int i, const v1::Question& question) {
    Take(question.local_mapping(), i % 2 == 0, now, table);
    now += absl::Minutes(10);
    RemoveOverdue(now, table);
    Require(NextOverdue(table) > now);
  });
  Check(table);
}

}  // namespace
}  // namespace firebreak::agent

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  firebreak::agent::Fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
