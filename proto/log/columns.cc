// SPDX-License-Identifier: Apache-2.0
#include "proto/log/columns.h"

#include <string.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <type_traits>

namespace firebreak {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr int64_t kMaxTimeMicros = 253402300799'999'999;  // the end of the year 9999

// Calls `each(get, max, is_text)` for every column in their order. get(record) is a reference to
// the field; max is the largest value that the field may have.
template <typename Each>
bool ForEachColumn(size_t texts, const Each& each) {
  const auto number = [&](auto member) {
    using Field = std::remove_reference_t<decltype(std::declval<Record&>().*member)>;
    return each(
        [member](auto& record) -> auto& { return record.*member; },
        static_cast<uint64_t>(std::numeric_limits<Field>::max()), std::false_type());
  };
  const auto text = [&](uint16_t Record::*member) {
    return each(
        [member](auto& record) -> auto& { return record.*member; }, texts - 1, std::true_type());
  };
  const auto address = [&](LogAddress Record::*end, uint64_t LogAddress::*half) {
    return each(
        [ end, half ](auto& record) -> auto& { return record.*end.*half; },
        std::numeric_limits<uint64_t>::max(), std::false_type());
  };
  return each(
             [](auto& record) -> auto& { return record.time_micros; },
             static_cast<uint64_t>(kMaxTimeMicros), std::false_type()) &&
         address(&Record::source, &LogAddress::high) &&
         address(&Record::source, &LogAddress::low) &&
         address(&Record::destination, &LogAddress::high) &&
         address(&Record::destination, &LogAddress::low) &&  //
         number(&Record::size) && number(&Record::lost) && number(&Record::tcp_sequence) &&
         number(&Record::tcp_acknowledgement) && number(&Record::source_port) &&
         number(&Record::destination_port) && number(&Record::tcp_window) &&
         text(&Record::interface) && text(&Record::location) && text(&Record::policy) &&
         text(&Record::mapping) && text(&Record::reason) &&
         each(
             [](auto& record) -> auto& { return record.action; },
             static_cast<uint64_t>(kLastAction), std::false_type()) &&
         number(&Record::family) && number(&Record::protocol) && number(&Record::tcp_flags) &&
         number(&Record::icmp_type) && number(&Record::icmp_code) && number(&Record::has);
}

template <typename Narrow>
void AppendDifferences(std::span<const Record> records, const auto& value, uint64_t least,
                       std::string& out) {
  const size_t at = out.size();
  out.resize(at + records.size() * sizeof(Narrow));
  char* to = out.data() + at;
  for (const Record& record : records) {
    const auto difference = static_cast<Narrow>(value(record) - least);
    memcpy(to, &difference, sizeof difference);
    to += sizeof difference;
  }
}

template <typename Narrow>
void TakeDifferences(const char* from, std::span<Record> records, const auto& get, uint64_t least,
                     uint64_t& most) {
  for (Record& record : records) {
    Narrow difference;
    memcpy(&difference, from, sizeof difference);
    from += sizeof difference;
    const uint64_t value = least + difference;
    // The sum has wrapped around, so the real value is more than any field can hold.
    most = value < least ? std::numeric_limits<uint64_t>::max() : std::max(most, value);
    auto& field = get(record);
    field = static_cast<std::remove_reference_t<decltype(field)>>(value);
  }
}

size_t WidthOf(uint64_t range) {
  if (range == 0) return 0;
  if (range <= std::numeric_limits<uint8_t>::max()) return 1;
  if (range <= std::numeric_limits<uint16_t>::max()) return 2;
  if (range <= std::numeric_limits<uint32_t>::max()) return 4;
  return 8;
}

bool IsConsistent(const Record& record) {
  if (record.action < Action::kOpen) return false;
  switch (record.family) {
    case 0: return (record.has & ~Record::kSize) == 0;
    case 4:
      return record.source.high == 0 && record.destination.high == 0 &&
             record.source.low <= std::numeric_limits<uint32_t>::max() &&
             record.destination.low <= std::numeric_limits<uint32_t>::max();
    case 6: return true;
    default: return false;
  }
}

}  // namespace

void AppendVarint(uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

bool ParseVarint(absl::string_view& bytes, uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return shift < 63 || byte <= 1;
  }
  return false;
}

void AppendColumns(std::span<const Record> records, std::span<const uint16_t> text_numbers,
                   std::string& out) {
  ForEachColumn(text_numbers.size(), [&](const auto& get, uint64_t, auto is_text) {
    const auto value = [&](const Record& record) {
      if constexpr (is_text) {
        return static_cast<uint64_t>(text_numbers[get(record)]);
      } else {
        return static_cast<uint64_t>(get(record));
      }
    };
    uint64_t least = std::numeric_limits<uint64_t>::max();
    uint64_t most = 0;
    for (const Record& record : records) {
      least = std::min(least, value(record));
      most = std::max(most, value(record));
    }
    AppendVarint(least, out);
    const size_t width = WidthOf(most - least);
    out.push_back(static_cast<char>(width));
    switch (width) {
      case 1: AppendDifferences<uint8_t>(records, value, least, out); break;
      case 2: AppendDifferences<uint16_t>(records, value, least, out); break;
      case 4: AppendDifferences<uint32_t>(records, value, least, out); break;
      case 8: AppendDifferences<uint64_t>(records, value, least, out); break;
      default: break;
    }
    return true;
  });
}

bool ParseColumns(absl::string_view bytes, size_t texts, std::span<Record> records) {
  const bool taken = ForEachColumn(texts, [&](const auto& get, uint64_t max, auto) {
    uint64_t least;
    if (!ParseVarint(bytes, least) || bytes.empty()) return false;
    const auto width = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (width > 8 ||
        bytes.size() / std::max<size_t>(width, 1) < (width == 0 ? 0 : records.size())) {
      return false;
    }
    uint64_t most = least;
    switch (width) {
      case 0:
        for (Record& record : records) {
          auto& field = get(record);
          field = static_cast<std::remove_reference_t<decltype(field)>>(least);
        }
        break;
      case 1: TakeDifferences<uint8_t>(bytes.data(), records, get, least, most); break;
      case 2: TakeDifferences<uint16_t>(bytes.data(), records, get, least, most); break;
      case 4: TakeDifferences<uint32_t>(bytes.data(), records, get, least, most); break;
      case 8: TakeDifferences<uint64_t>(bytes.data(), records, get, least, most); break;
      default: return false;
    }
    bytes.remove_prefix(width * records.size());
    return most <= max;
  });
  return taken && bytes.empty() && std::all_of(records.begin(), records.end(), IsConsistent);
}

}  // namespace firebreak
