#ifndef FIREBREAK_PROTO_LOG_TEXTS_H_
#define FIREBREAK_PROTO_LOG_TEXTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace firebreak {

// The texts that records refer to by number, each once. None of them can forge a line or reach a
// terminal as anything but text: they are printable ASCII without a space. Number 0 is the empty
// one. For one thread.
class Texts {
 public:
  static constexpr size_t kMaxTexts = 4096;
  static constexpr size_t kMaxBytes = 255;

  Texts() : texts_(1) {}

  // The text's number. Whatever is not printable ASCII becomes \xNN, as does a space, and `\` \x5c;
  // what is too long is cut. 0 if there are kMaxTexts already.
  uint16_t Intern(absl::string_view raw);

  // Takes a text as another has made it. False if it is not as Intern makes them, or there are too
  // many.
  bool Take(absl::string_view text);

  const std::string& operator[](uint16_t number) const { return texts_[number]; }
  size_t size() const { return texts_.size(); }

  // Numbers given before mean nothing any more.
  void Clear();

 private:
  std::vector<std::string> texts_;
  absl::flat_hash_map<std::string, uint16_t> numbers_;  // by the raw text
};

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_LOG_TEXTS_H_
