// Numbers of a running server: counters, gauges and histograms, written as Prometheus reads them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace saker::serve {

using Labels = std::vector<std::pair<std::string, std::string>>;

// All thread-safe, without locks.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Histogram {
 public:
  explicit Histogram(std::vector<double> upper_bounds);  // ascending; +Inf is added
  void observe(double value);
  std::uint64_t count() const;
  double sum() const;
  double quantile(double q) const;  // estimated within its bucket; 0 without values
  const std::vector<double>& upper_bounds() const { return bounds_; }
  std::vector<std::uint64_t> buckets() const;  // not cumulated; one more than bounds

 private:
  std::vector<double> bounds_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> buckets_;
  std::atomic<double> sum_{0};
};

// The same of counts that somebody holds, such as those of the last second: one more than bounds, not cumulated.
double bucket_quantile(const std::vector<double>& bounds, const std::vector<std::uint64_t>& counts, double q);

// Named after Prometheus' rules: base units, _total for counters. Asking again for the same name and labels gives the
// same object, which lives as long as the registry; a name stays the kind of metric that it was first.
class MetricRegistry {
 public:
  Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Histogram& histogram(const std::string& name, const std::string& help, const std::vector<double>& upper_bounds,
                       const Labels& labels = {});
  // Read when the text is written, while the registry is locked: `read` must ask nothing of it. The same again puts
  // another `read` in the place of the first.
  void gauge(const std::string& name, const std::string& help, const Labels& labels, std::function<double()> read);
  void counter(const std::string& name, const std::string& help, const Labels& labels, std::function<double()> read);
  // All that has these among its labels, such as those of an unloaded model, is shown no more until it is asked for
  // again; what it counted it keeps. No `read` of it is called after this returns.
  void remove(const Labels& labels);

  std::string text() const;  // text/plain; version=0.0.4

 private:
  struct Family;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Family>> families_;
};

// Seconds: 0.5 ms to 10 s.
const std::vector<double>& second_buckets();

}  // namespace saker::serve
