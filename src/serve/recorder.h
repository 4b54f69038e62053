// Counts what becomes of a model's requests: for Triton's statistics, and for Prometheus.
#pragma once

#include <array>
#include <string>

#include "serve/metrics.h"
#include "serve/served_model.h"

namespace saker::serve {

// Thread-safe.
class Recorder {
 public:
  Recorder(const std::string& name, std::int64_t version, MetricRegistry* metrics);

  void ran(int pictures);
  void answered(const RequestTimes& ms, bool picture, Duration whole);
  void refused(Reason reason, Duration whole);

  const ModelStatistics& statistics() const { return statistics_; }

 private:
  static constexpr std::size_t kReasons = 11;

  ModelStatistics statistics_;
  // Null without a registry.
  Histogram *queue_ = nullptr, *decode_ = nullptr, *preprocess_ = nullptr, *infer_ = nullptr, *postprocess_ = nullptr;
  Histogram* batch_ = nullptr;
  Counter *pictures_ = nullptr, *requests_ = nullptr;
  std::array<Counter*, kReasons> refused_ = {};
};

}  // namespace saker::serve
