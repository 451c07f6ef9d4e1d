// SPDX-License-Identifier: Apache-2.0

// What anybody may send to a beacon, and to the port for metrics: however the bytes are cut, they
// mean the same, and no message is longer than it may be.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/metrics/scrape.h"
#include "firebreak/v1/location.pb.h"
#include "proto/endpoint/beacon.h"

using namespace firebreak;

namespace {

std::vector<std::string> MessagesIn(absl::string_view bytes, size_t portion) {
  BeaconFrames frames;
  std::vector<std::string> messages;
  for (size_t at = 0; at < bytes.size(); at += portion) {
    frames.Add(bytes.substr(at, portion));
    while (const std::optional<std::string> message = frames.Next()) {
      if (message->size() > kMaxBeaconMessage) __builtin_trap();
      v1::BeaconQuestion question;
      if (question.ParseFromString(*message)) question.SerializeAsString();
      messages.push_back(*message);
    }
    if (frames.Broken()) break;
  }
  return messages;
}

void Scrape(absl::string_view bytes) {
  const auto whole = RespondToScrape(bytes, [] { return "metrics"; });
  if (bytes.size() > kMaxScrapeRequestBytes && !whole.has_value()) __builtin_trap();
  for (size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 16) {
    const auto begun = RespondToScrape(bytes.substr(0, size), [] { return "metrics"; });
    // What was answered is not waited for any longer.
    if (begun.has_value() && !whole.has_value()) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = MessagesIn(bytes, std::max<size_t>(size, 1));
  for (const size_t portion : {1, 3, 100}) {
    if (MessagesIn(bytes, portion) != whole) __builtin_trap();
  }
  Scrape(bytes);
  return 0;
}
