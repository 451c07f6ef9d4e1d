// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/fit_report.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::agent {
namespace {

// A hello carries both facts and a receipt.
constexpr size_t kFactsBytes = kMaxReportBytes / 2;
constexpr size_t kReceiptBytes = kMaxReportBytes / 4;
constexpr size_t kTextBytes = 4096;

// Cuts the text to a length that says what matters, and appends the number of bytes cut.
void CutText(std::string& text) {
  if (text.size() <= kTextBytes) return;
  size_t end = kTextBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  const size_t left_out = text.size() - end;
  text.resize(end);
  absl::StrAppend(&text, "… (", left_out, " bytes more)");
}

// Keeps the first half, at least one item, and returns the number of removed items.
template <typename Repeated>
size_t Halve(Repeated& items) {
  const int keep = std::max(1, items.size() / 2);
  const int gone = items.size() - keep;
  if (gone > 0) items.DeleteSubrange(keep, gone);
  return static_cast<size_t>(std::max(0, gone));
}

void FitFacts(v1::Facts& facts) {
  size_t addresses = 0, interfaces = 0, conflicts = 0;
  CutText(*facts.mutable_log_problem());
  if (facts.has_drift()) {
    for (std::string& changed : *facts.mutable_drift()->mutable_changed()) CutText(changed);
  }
  while (facts.ByteSizeLong() > kFactsBytes) {
    // The interface with the most addresses loses addresses first.
    auto& all = *facts.mutable_interfaces();
    const auto longest = std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return a.addresses_size() < b.addresses_size();
    });
    if (longest != all.end() && longest->addresses_size() > 16) {
      addresses += Halve(*longest->mutable_addresses());
    } else if (all.size() > 1) {
      interfaces += Halve(all);
    } else if (facts.conflicts_size() > 1) {
      conflicts += Halve(*facts.mutable_conflicts());
    } else {
      facts.clear_drift();
      facts.clear_conflicts();
      facts.clear_interfaces();
    }
  }
  std::vector<std::string> left_out;
  if (addresses > 0) left_out.push_back(absl::StrCat(addresses, " addresses"));
  if (interfaces > 0) left_out.push_back(absl::StrCat(interfaces, " interfaces"));
  if (conflicts > 0) left_out.push_back(absl::StrCat(conflicts, " tables of others"));
  if (!left_out.empty()) facts.set_left_out(absl::StrJoin(left_out, ", "));
}

void FitReceipt(v1::Receipt& receipt) {
  if (receipt.ByteSizeLong() <= kReceiptBytes) return;
  // Refusals go first, because the host itself can be asked why an interface is not at a location.
  for (v1::InterfaceState& state : *receipt.mutable_interfaces()) state.clear_refusals();
  receipt.set_left_out("why interfaces are not at a location");
  size_t interfaces = 0;
  while (receipt.ByteSizeLong() > kReceiptBytes && receipt.interfaces_size() > 1) {
    interfaces += Halve(*receipt.mutable_interfaces());
  }
  size_t options = 0;
  while (receipt.ByteSizeLong() > kReceiptBytes && receipt.options_size() > 1) {
    options += Halve(*receipt.mutable_options());
  }
  if (interfaces > 0) {
    receipt.set_left_out(absl::StrCat(receipt.left_out(), ", ", interfaces, " interfaces"));
  }
  if (options > 0) {
    receipt.set_left_out(absl::StrCat(receipt.left_out(), ", ", options, " switches"));
  }
}

void FitRefusal(v1::Refusal& refusal) {
  CutText(*refusal.mutable_reason());
  CutText(*refusal.mutable_resource());
}

}  // namespace

void FitReport(v1::AgentMessage& message) {
  switch (message.body_case()) {
    case v1::AgentMessage::kHello: {
      v1::Hello& hello = *message.mutable_hello();
      if (hello.has_facts()) FitFacts(*hello.mutable_facts());
      if (hello.has_receipt()) FitReceipt(*hello.mutable_receipt());
      if (hello.has_refusal()) FitRefusal(*hello.mutable_refusal());
      break;
    }
    case v1::AgentMessage::kFacts: FitFacts(*message.mutable_facts()); break;
    case v1::AgentMessage::kReceipt: FitReceipt(*message.mutable_receipt()); break;
    case v1::AgentMessage::kRefusal: FitRefusal(*message.mutable_refusal()); break;
    default: break;  // other messages are bounded where they are made
  }
}

}  // namespace firebreak::agent
