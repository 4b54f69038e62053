// The text that Prometheus reads, by a strict reader; counting under threads.
#include "serve/metrics.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "serve/metrics_text.h"
#include "serve/process_metrics.h"

namespace saker::serve {
namespace {

TEST(Metrics, TextByHand) {
  MetricRegistry metrics;
  metrics.counter("a_total", "Things.", {{"model", "m"}, {"code", "200"}}).add(3);
  metrics.gauge("b", "Now.", {}, [] { return 0.25; });
  Histogram& histogram = metrics.histogram("c_seconds", "Long.", {0.1, 1});
  histogram.observe(0.1);
  histogram.observe(0.5);
  histogram.observe(7);
  EXPECT_EQ(metrics.text(),
            "# HELP a_total Things.\n# TYPE a_total counter\na_total{code=\"200\",model=\"m\"} 3\n"
            "# HELP b Now.\n# TYPE b gauge\nb 0.25\n"
            "# HELP c_seconds Long.\n# TYPE c_seconds histogram\n"
            "c_seconds_bucket{le=\"0.1\"} 1\nc_seconds_bucket{le=\"1\"} 2\nc_seconds_bucket{le=\"+Inf\"} 3\n"
            "c_seconds_sum 7.6\nc_seconds_count 3\n");
}

TEST(Metrics, FamiliesStayTogetherAndAnythingIsEscaped) {
  MetricRegistry metrics;
  const std::string hostile = "a\"b\\c\nd\xff{}=,";
  metrics.counter("x_total", "One \\ of\ntwo.", {{"model", hostile}}).add();
  metrics.histogram("y_seconds", "Y.", second_buckets(), {{"model", "m"}}).observe(0.004);
  metrics.counter("x_total", "Another help.", {{"model", "other"}}).add(2);
  metrics.histogram("y_seconds", "Y.", second_buckets(), {{"model", hostile}}).observe(100);
  metrics.gauge("z", "Z.", {}, [] { return std::numeric_limits<double>::infinity(); });
  const MetricsText read = MetricsText::parse(metrics.text());
  EXPECT_TRUE(read.problems.empty()) << read.problems[0] << "\n" << metrics.text();
  EXPECT_EQ(read.value("x_total", {{"model", "a\"b\\c\nd\xef\xbf\xbd{}=,"}}), 1);
  EXPECT_EQ(read.value("x_total", {{"model", "other"}}), 2);
  EXPECT_EQ(read.value("y_seconds_bucket", {{"model", "m"}, {"le", "0.003"}}), 0);
  EXPECT_EQ(read.value("y_seconds_bucket", {{"model", "m"}, {"le", "0.005"}}), 1);
  EXPECT_TRUE(std::isinf(read.value("z")));
}

TEST(Metrics, TheReaderComplains) {
  for (const char* text :
       {"a 1\n", "# HELP a A.\n# TYPE a gauge\na 1", "# HELP a A.\n# TYPE a gauge\na 1\na 2\n",
        "# HELP a A.\n# TYPE a gauge\na{b=\"c} 1\n", "# HELP a A.\n# TYPE a counter\na 1\n",
        "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
        "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n"})
    EXPECT_FALSE(MetricsText::parse(text).problems.empty()) << text;
}

TEST(Metrics, SameNameAndLabelsAreOneObjectWhateverTheOrder) {
  MetricRegistry metrics;
  Counter& counter = metrics.counter("a_total", "A.", {{"x", "1"}, {"y", "2"}});
  EXPECT_EQ(&counter, &metrics.counter("a_total", "A.", {{"y", "2"}, {"x", "1"}}));
  EXPECT_NE(&counter, &metrics.counter("a_total", "A.", {{"x", "1"}}));
  Histogram& histogram = metrics.histogram("b", "B.", {1});
  EXPECT_EQ(&histogram, &metrics.histogram("b", "B.", {2, 3}));
}

TEST(Metrics, WhatIsRemovedIsHiddenUntilItIsAskedForAgain) {
  MetricRegistry metrics;
  Counter& counter = metrics.counter("a_total", "A.", {{"model", "m"}, {"version", "1"}});
  counter.add(5);
  metrics.counter("a_total", "A.", {{"model", "m"}, {"version", "2"}}).add();
  metrics.gauge("b", "B.", {{"model", "m"}, {"version", "1"}}, [] { return 1.0; });
  metrics.remove({{"model", "m"}, {"version", "1"}});
  EXPECT_EQ(metrics.text(), "# HELP a_total A.\n# TYPE a_total counter\na_total{model=\"m\",version=\"2\"} 1\n");
  counter.add();  // still there
  EXPECT_EQ(&metrics.counter("a_total", "A.", {{"model", "m"}, {"version", "1"}}), &counter);
  EXPECT_EQ(MetricsText::parse(metrics.text()).value("a_total", {{"model", "m"}, {"version", "1"}}), 6);
}

TEST(Metrics, Quantiles) {
  Histogram histogram({1, 2, 4});
  EXPECT_EQ(histogram.quantile(0.5), 0);
  for (int i = 0; i < 50; ++i) histogram.observe(0.5);
  for (int i = 0; i < 50; ++i) histogram.observe(3);
  EXPECT_DOUBLE_EQ(histogram.quantile(0.25), 0.5);
  EXPECT_DOUBLE_EQ(histogram.quantile(0.75), 3);
  EXPECT_DOUBLE_EQ(histogram.quantile(1), 4);
  histogram.observe(100);
  EXPECT_DOUBLE_EQ(histogram.quantile(1), 4);  // beyond the last bound nothing is known
  histogram.observe(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(histogram.count(), 101U);
  EXPECT_DOUBLE_EQ(histogram.sum(), 275);
}

TEST(Metrics, NothingIsLostUnderThreads) {
  MetricRegistry metrics;
  constexpr int kThreads = 4, kTimes = 20000;
  std::atomic<bool> over{false};
  std::thread reader([&] {
    while (!over.load()) {
      const std::string text = metrics.text();
      if (!text.empty()) {
        EXPECT_TRUE(MetricsText::parse(text).problems.empty());
      }
    }
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&metrics, t] {
      for (int i = 0; i < kTimes; ++i) {
        metrics.counter("a_total", "A.", {{"thread", std::to_string(t % 2)}}).add();
        metrics.histogram("b_seconds", "B.", second_buckets()).observe(0.5);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  over.store(true);
  reader.join();
  const MetricsText read = MetricsText::parse(metrics.text());
  EXPECT_EQ(read.value("a_total", {{"thread", "0"}}), 2 * kTimes);
  EXPECT_EQ(read.value("b_seconds_count"), kThreads * kTimes);
  EXPECT_DOUBLE_EQ(read.value("b_seconds_sum"), 0.5 * kThreads * kTimes);
}

TEST(Metrics, ThisProcess) {
  MetricRegistry metrics;
  add_process_metrics(metrics);
  const MetricsText read = MetricsText::parse(metrics.text());
  EXPECT_TRUE(read.problems.empty()) << read.problems[0];
  EXPECT_GT(read.value("process_resident_memory_bytes"), 1e6);
  EXPECT_GT(read.value("process_virtual_memory_bytes"), read.value("process_resident_memory_bytes"));
  EXPECT_GT(read.value("process_open_fds"), 2);
  EXPECT_LT(read.value("process_open_fds"), read.value("process_max_fds"));
  EXPECT_GE(read.value("process_threads"), 1);
  EXPECT_GE(read.value("process_cpu_seconds_total"), 0);
  const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_NEAR(read.value("process_start_time_seconds"), now, 3600);
}

}  // namespace
}  // namespace saker::serve
