// SPDX-License-Identifier: Apache-2.0
#include "proto/log/batch.h"

#include <zstd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "proto/log/columns.h"

namespace firebreak {
namespace {

constexpr int kLevel = 1;
constexpr uint16_t kUnused = 0xffff;

absl::Status NotABatch(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("not a batch of log records: ", why));
}

// Appends the texts that the records use, and returns for each text its number in the batch.
std::vector<uint16_t> AppendUsedTexts(std::span<const Record> records, const InternedStrings& texts,
                                      std::string& out) {
  std::vector<uint16_t> numbers(texts.size(), kUnused);
  numbers[0] = 0;
  std::vector<uint16_t> used;
  for (const Record& record : records) {
    for (const uint16_t text :
         {record.interface, record.location, record.policy, record.mapping, record.reason}) {
      if (numbers[text] != kUnused) continue;
      used.push_back(text);
      numbers[text] = static_cast<uint16_t>(used.size());
    }
  }
  AppendVarint(used.size(), out);
  for (const uint16_t text : used) {
    out.push_back(static_cast<char>(texts[text].size()));
    out.append(texts[text]);
  }
  return numbers;
}

bool TakeTexts(absl::string_view& bytes, InternedStrings& texts) {
  uint64_t count;
  if (!ParseVarint(bytes, count)) return false;
  for (; count > 0; --count) {
    if (bytes.empty()) return false;
    const auto length = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (bytes.size() < length || !texts.Take(bytes.substr(0, length))) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

}  // namespace

void BatchEncoder::Free::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }
void BatchDecoder::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

std::string BatchEncoder::Encode(std::span<const Record> records, const InternedStrings& texts) {
  content_.clear();
  AppendVarint(records.size(), content_);
  const std::vector<uint16_t> numbers = AppendUsedTexts(records, texts, content_);
  AppendColumns(records, numbers, content_);
  if (context_ == nullptr) context_.reset(ZSTD_createCCtx());
  std::string bytes(ZSTD_compressBound(content_.size()), '\0');
  // Compression cannot fail: there is enough room, and running out of memory would end the process.
  const size_t size = ZSTD_compressCCtx(context_.get(), bytes.data(), bytes.size(), content_.data(),
                                        content_.size(), kLevel);
  bytes.resize(ZSTD_isError(size) != 0 ? 0 : size);
  return bytes;
}

absl::Status BatchDecoder::Decode(absl::string_view bytes, RecordBatch& batch) {
  const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN ||
      size > kMaxBatchContentBytes) {
    return NotABatch("no zstd frame of a possible size");
  }
  if (context_ == nullptr) context_.reset(ZSTD_createDCtx());
  content_.resize(size);
  const size_t taken = ZSTD_decompressDCtx(context_.get(), content_.data(), content_.size(),
                                           bytes.data(), bytes.size());
  if (ZSTD_isError(taken) != 0 || taken != size) return NotABatch("the zstd frame is damaged");

  absl::string_view content = content_;
  uint64_t count;
  if (!ParseVarint(content, count) || count == 0 || count > kMaxBatchRecords) {
    return NotABatch(absl::StrCat("it must hold 1 to ", kMaxBatchRecords, " records"));
  }
  batch.texts.Clear();
  if (!TakeTexts(content, batch.texts)) return NotABatch("a text is damaged");
  batch.records.resize(count);
  if (!ParseColumns(content, batch.texts.size(), batch.records)) {
    return NotABatch("a column is damaged");
  }
  return absl::OkStatus();
}

}  // namespace firebreak
