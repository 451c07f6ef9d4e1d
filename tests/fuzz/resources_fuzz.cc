// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "policy/merge/check_effective.h"
#include "policy/merge/merge.h"
#include "policy/merge/select.h"
#include "policy/resources/plan.h"
#include "policy/resources/read.h"
#include "policy/resources/write.h"
#include "tests/fuzz/require.h"

// Takes any text as a file of resources. Resources that are accepted must be printed in both forms
// such that parsing gives them back, and must merge into a policy that an agent accepts.

namespace firebreak::policy {
namespace {

void ExpectReadBack(const v1::Resource& resource, const std::string& text) {
  std::vector<Problem> problems;
  const std::vector<ReadResource> read = ReadResources("written", text, problems);
  Require(problems.empty() && read.size() == 1 && SameResource(read[0].resource, resource));
}

void Fuzz(std::string text) {
  const SourceFile files[] = {{"fuzz", std::move(text)}};
  const Plan plan = PlanApply({}, files, {"web-1"});
  Require(plan.ok() || !plan.changed());
  for (const auto& [key, resource] : plan.next.resources()) {
    ExpectReadBack(*resource, ToYaml(*resource));
    ExpectReadBack(*resource, ToJson(*resource));
  }
  const Selector selector(plan.next);
  const auto selection = selector.Select("web-1", {});
  Require(CheckEffective(Merge(plan.next, selection)).ok());
}

}  // namespace
}  // namespace firebreak::policy

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  firebreak::policy::Fuzz(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
