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

// A field of the files that users write, described in words. What resources.proto does not say is
// empty.
struct FieldEntry {
  std::string name;
  std::string type;  // "text", "list of text", "on, off or observe", …
  std::string text;  // what the field does: paragraphs with an empty line between them
  std::string default_value;
  std::string range;
  std::string example;
  // Identifies the fields below this field, or the values that it may have: fields with the same
  // shape have the same ones. Empty if it has neither.
  std::string shape;

  friend bool operator==(const FieldEntry&, const FieldEntry&) = default;
};

// A possible value of a field.
struct ValueEntry {
  std::string name;
  std::string text;

  friend bool operator==(const ValueEntry&, const ValueEntry&) = default;
};

// A kind of resource, or a field at any depth below one.
struct Topic {
  std::string path;  // "Policy.port_mappings.limit"
  FieldEntry entry;
  std::vector<FieldEntry> fields;  // in the proto's order
  std::vector<ValueEntry> values;  // if the field has one of a few values
};

// What resources.proto says about the files that users write. The text of the proto is compiled in,
// so the reference cannot lag behind the program. Immutable: any thread may call it.
class Reference {
 public:
  static const Reference& Get();

  // The kinds that files may have, sorted: "Group", "Policy", ….
  std::vector<std::string> Kinds() const;

  // Finds a kind, or a field below a kind after a dot. Capitals and underscores of the kind do not
  // matter. Returns NotFound if there is none; the message names the nearest.
  absl::StatusOr<Topic> Find(absl::string_view path) const;

 private:
  Reference();

  std::vector<const google::protobuf::FieldDescriptor*> KindFields() const;

  google::protobuf::DescriptorPool pool_;
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_REFERENCE_REFERENCE_H_
