// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/cause_lines.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/resources/read.h"
#include "policy/resources/resolve.h"

namespace firebreak::policy {
namespace {

struct Line {
  std::string file;
  uint32_t number = 0;
};

// Finds the file and line of each policy and mapping.
class Lines {
 public:
  explicit Lines(std::span<const SourceFile> files) {
    std::vector<Problem> ignored;
    for (const SourceFile& file : files) {
      for (const ReadResource& read : ReadResources(file.name, file.text, ignored)) {
        if (read.resource.has_policy()) AddPolicy(read);
      }
    }
  }

  void Put(v1::PacketRuling& ruling) const {
    if (ruling.policy().empty()) return;
    auto found = lines_.find({ruling.policy(), ruling.mapping()});
    if (found == lines_.end()) found = lines_.find({ruling.policy(), ""});
    if (found == lines_.end()) return;
    ruling.set_file(found->second.file);
    ruling.set_line(found->second.number);
  }

 private:
  void AddPolicy(const ReadResource& read) {
    const v1::Policy& policy = read.resource.policy();
    Add(read, "", "name");
    AddInbound(read, policy.port_mappings(), "port_mappings");
    AddOutbound(read, policy.outbound(), "outbound");
    for (int i = 0; i < policy.interfaces_size(); ++i) {
      const std::string path = absl::StrCat("interfaces[", i, "].");
      AddInbound(read, policy.interfaces(i).port_mappings(), path + "port_mappings");
      AddOutbound(read, policy.interfaces(i).outbound(), path + "outbound");
    }
  }

  void AddInbound(const ReadResource& read, const v1::PortMappings& mappings,
                  const std::string& path) {
    std::vector<Written> list;
    for (int i = 0; i < mappings.items_size(); ++i) {
      list.push_back({&mappings.items(i), absl::StrCat(path, "[", i, "]")});
    }
    AddList(read, list);
  }

  void AddOutbound(const ReadResource& read, const v1::Outbound& outbound,
                   const std::string& path) {
    std::vector<Written> list;
    for (int i = 0; i < outbound.allow_size(); ++i) {
      list.push_back({&outbound.allow(i), absl::StrCat(path, ".allow[", i, "]")});
    }
    for (int i = 0; i < outbound.block_size(); ++i) {
      list.push_back({&outbound.block(i), absl::StrCat(path, ".block[", i, "]")});
    }
    AddList(read, list);
  }

  struct Written {
    const v1::PortMapping* mapping;
    std::string path;
  };

  // Mappings of one list must be named together, because their names depend on each other.
  void AddList(const ReadResource& read, const std::vector<Written>& list) {
    std::vector<const v1::PortMapping*> mappings;
    for (const Written& written : list) mappings.push_back(written.mapping);
    const std::vector<std::string> names = MappingNames(mappings);
    for (size_t i = 0; i < list.size(); ++i) Add(read, names[i], list[i].path);
  }

  void Add(const ReadResource& read, const std::string& mapping, const std::string& path) {
    lines_.emplace(std::make_pair(read.resource.policy().name(), mapping),
                   Line{read.file, static_cast<uint32_t>(read.source.LineOf(path))});
  }

  std::map<std::pair<std::string, std::string>, Line> lines_;  // by policy and mapping
};

}  // namespace

void PutCauseLines(std::span<const SourceFile> before, std::span<const SourceFile> after,
                   v1::Plan& plan) {
  const Lines lines_before(before), lines_after(after);
  for (v1::PlanGroup& group : *plan.mutable_groups()) {
    for (v1::PlanDifference& difference : *group.mutable_differences()) {
      for (v1::PacketClass& packets : *difference.mutable_packets()) {
        lines_before.Put(*packets.mutable_before());
        lines_after.Put(*packets.mutable_after());
      }
    }
  }
}

void PutCauseLines(std::span<const SourceFile> files, std::span<v1::Violation> violations) {
  const Lines lines(files);
  for (v1::Violation& violation : violations) {
    lines.Put(*violation.mutable_packets()->mutable_after());
  }
}

}  // namespace firebreak::policy
