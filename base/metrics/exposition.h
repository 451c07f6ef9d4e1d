// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_METRICS_EXPOSITION_H_
#define FIREBREAK_BASE_METRICS_EXPOSITION_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firebreak {

// Durations, counted in the buckets of a Prometheus histogram. Not thread-safe.
class Histogram {
 public:
  // The upper bounds of the buckets, in seconds.
  static constexpr std::array<double, 12> kBounds = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05,
                                                     0.1,   0.2,   0.5,   1,    5,    30};

  void Observe(absl::Duration duration);

  // The count of each bucket, not cumulative. The last bucket counts values above all bounds.
  const std::array<uint64_t, kBounds.size() + 1>& counts() const { return counts_; }
  double sum_seconds() const { return sum_seconds_; }

 private:
  std::array<uint64_t, kBounds.size() + 1> counts_ = {};
  double sum_seconds_ = 0;
};

// Writes metrics in Prometheus's text format, version 0.0.4. Label values may come from anywhere.
class Exposition {
 public:
  using Labels = std::initializer_list<std::pair<absl::string_view, absl::string_view>>;

  // Begins a metric family; calls that add its samples follow. A counter's name ends in _total.
  void Counter(absl::string_view name, absl::string_view help) { Begin(name, "counter", help); }
  void Gauge(absl::string_view name, absl::string_view help) { Begin(name, "gauge", help); }

  void Sample(double value, Labels labels = {});

  // Writes a family that has one sample.
  void Counter(absl::string_view name, absl::string_view help, double value) {
    Counter(name, help);
    Sample(value);
  }
  void Gauge(absl::string_view name, absl::string_view help, double value) {
    Gauge(name, help);
    Sample(value);
  }
  void Of(absl::string_view name, absl::string_view help, const Histogram& histogram);

  // Writes the memory and CPU use of this process under Prometheus's standard names.
  void Process();

  std::string Take() && { return std::move(text_); }

 private:
  void Begin(absl::string_view name, absl::string_view type, absl::string_view help);
  void Write(absl::string_view name, Labels labels, double value);

  std::string text_;
  std::string name_;  // the current family's
};

}  // namespace firebreak

#endif  // FIREBREAK_BASE_METRICS_EXPOSITION_H_
