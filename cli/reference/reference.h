// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_REFERENCE_REFERENCE_H_
#define FIREBREAK_CLI_REFERENCE_REFERENCE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace firebreak::cli {

// A field of the files that users write, in words. A part that resources.proto does not say is
// empty.
struct FieldEntry {
  std::string name;
  std::string type;  // "text", "list of text", "on, off or observe", …
  std::string text;  // what the field does: paragraphs with an empty line between them
  std::string default_value;
  std::string range;
  std::string example;
  // What it has fields of, or which values it may have: two fields of one shape have the same ones.
  // Empty: it has neither.
  std::string shape;

  friend bool operator==(const FieldEntry&, const FieldEntry&) = default;
};

// A value that a field may have.
struct ValueEntry {
  std::string name;
  std::string text;

  friend bool operator==(const ValueEntry&, const ValueEntry&) = default;
};

// A kind of resource, or a field at any depth below one.
struct Topic {
  std::string path;  // "Policy.port_mappings.limit"
  FieldEntry entry;
  std::vector<FieldEntry> fields;  // in the order of the proto
  std::vector<ValueEntry> values;  // of a field that has one of a few values
};

// What resources.proto says about the files that users write. The text of the proto is compiled in,
// so the reference cannot lag behind the program. Immutable: any thread may call it.
class Reference {
 public:
  static const Reference& Get();

  // The kinds that files may have, sorted: "Group", "Policy", ….
  std::vector<std::string> Kinds() const;

  // `path` is a kind, and fields of it behind dots; capitals and underscores of the kind do not
  // matter. NotFound: there is no such kind or field; the message names the nearest.
  absl::StatusOr<Topic> Find(absl::string_view path) const;

 private:
  Reference();

  std::vector<const google::protobuf::FieldDescriptor*> KindFields() const;

  google::protobuf::DescriptorPool pool_;
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_REFERENCE_REFERENCE_H_
