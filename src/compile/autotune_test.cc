// What autotune chooses and keeps; the measurements are a test's own, so that nothing here hangs on the clock.
#include "compile/autotune.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "compile/timing_cache.h"
#include "plan/conv_key.h"
#include "support/compiled.h"

namespace saker {
namespace {

namespace fs = std::filesystem;
using Choice = std::map<std::string, std::string>;

constexpr const char* kWide = "16x12x12 to 16, 3x3 stride 1 pad 1";
constexpr const char* kOther = "16x12x12 to 24, 3x3 stride 1 pad 1";

class Autotune : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("saker_autotune_" + std::to_string(::getpid()));
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Two layers with a choice, one of them twice, and a 1x1 without.
  static Graph graph() {
    GraphBuilder b;
    const ValueId x = b.conv(b.input({1, 8, 12, 12}), 16);
    b.output(b.conv(b.conv(b.conv(x, 16, {.kernel = 3}), 16, {.kernel = 3}), 24, {.kernel = 3}));
    return b.graph();
  }

  // Measures by itself: `slow` takes 2 ms, everything else 1 ms. Counts the layers.
  Choice choose(const std::string& slow, PlanOptions options = {}) {
    measured_.clear();
    AutotuneOptions autotune{.cache = folder_.string(), .measure = {}};
    autotune.measure = [&](const ConvNode& layer, std::span<const ConvMethod* const> methods, const PlanOptions&,
                           double) -> Result<std::vector<ConvTiming>> {
      measured_.push_back(conv_key(layer));
      std::vector<ConvTiming> timings;
      for (const ConvMethod* method : methods) timings.push_back({method, {method->name == slow ? 2.0 : 1.0}});
      return timings;
    };
    auto chosen = fastest_conv_methods(graph(), options, autotune);
    EXPECT_TRUE(chosen.ok());
    return chosen.ok() ? *chosen : Choice();
  }

  fs::path file(int threads = 1) const { return TimingCache(folder_.string(), Isa::kBaseline, threads).path(); }
  std::string text() const {
    std::ostringstream all;
    all << std::ifstream(file()).rdbuf();
    return all.str();
  }
  void replace_file(const std::string& text) const {
    fs::create_directories(file().parent_path());
    std::ofstream(file()) << text;
  }

  const Choice direct_ = {{kWide, "direct"}, {kOther, "direct"}};
  const Choice winograd_ = {{kWide, "winograd"}, {kOther, "winograd"}};
  const std::vector<std::string> both_ = {kWide, kOther};
  std::vector<std::string> measured_;
  fs::path folder_;
};

TEST_F(Autotune, TheFastestIsChosenAndRuns) {
  EXPECT_EQ(choose("winograd"), direct_);
  EXPECT_EQ(measured_, both_);
  for (const Choice& choice : {direct_, winograd_}) {
    PlanOptions options;
    options.conv_methods = choice;
    const auto plan = plan_of(graph(), options);
    const auto winograd = std::ranges::count_if(
        plan->steps, [](const Step& step) { return step.kernel.find("winograd") != std::string::npos; });
    EXPECT_EQ(winograd, choice == winograd_ ? 3 : 0);
  }
}

TEST_F(Autotune, WhatIsKeptIsNotMeasuredAgain) {
  EXPECT_EQ(choose("direct"), winograd_);
  EXPECT_EQ(choose("winograd"), winograd_);
  EXPECT_TRUE(measured_.empty());
}

TEST_F(Autotune, AnotherLevelOrNumberOfThreadsIsMeasured) {
  choose("direct");
  PlanOptions two;
  two.threads = 2;
  EXPECT_EQ(choose("winograd", two), direct_);
  EXPECT_EQ(measured_, both_);
  if (best_isa() == Isa::kBaseline) return;
  PlanOptions avx2;
  avx2.isa = Isa::kAvx2;
  EXPECT_EQ(choose("winograd", avx2), direct_);
  EXPECT_EQ(measured_, both_);
}

TEST_F(Autotune, WithLowMemoryThereIsNoChoice) {
  PlanOptions options;
  options.low_memory = true;
  EXPECT_TRUE(choose("direct", options).empty());
  EXPECT_TRUE(measured_.empty());
}

TEST_F(Autotune, AnotherVersionIsStale) {
  choose("direct");
  std::string old = text();
  const std::size_t at = old.find("version ") + 8;
  old.insert(at, "9");
  replace_file(old);
  EXPECT_EQ(choose("winograd"), direct_);
  EXPECT_EQ(measured_, both_);
  EXPECT_EQ(choose("direct"), direct_);  // replaced
  EXPECT_TRUE(measured_.empty());
}

TEST_F(Autotune, AnotherCpuIsStale) {
  choose("direct");
  std::string other = text();
  other.insert(other.find("cpu ") + 4, "Another ");
  replace_file(other);
  choose("winograd");
  EXPECT_EQ(measured_, both_);
}

TEST_F(Autotune, DamagedLinesAreMeasuredAgainAndOthersKept) {
  choose("direct");
  const std::string whole = text();
  const std::size_t line = whole.rfind('\n', whole.find(kOther)) + 1;
  const std::string head = whole.substr(0, line);  // with the first layer
  for (const std::string& damaged :
       {std::string("direct 2 winograd 1 | ") + std::string(kOther).substr(0, 20), std::string("direct 2 winograd"),
        std::string("direct 2 winograd nan | ") + kOther, std::string("direct 2 winograd -1 | ") + kOther,
        std::string("direct 2 winograd 1e999 | ") + kOther, std::string("direct 2 | ") + kOther,
        std::string("| ") + kOther, std::string(3000, '\0'), std::string("\xff\xfe | | |"),
        std::string("direct 2 winograd 1 | ") + kOther + " "}) {
    replace_file(head + damaged);
    EXPECT_EQ(choose("winograd"), (Choice{{kWide, "winograd"}, {kOther, "direct"}})) << damaged;
    EXPECT_EQ(measured_, std::vector<std::string>{kOther}) << damaged;
  }
  for (std::size_t size = 0; size < whole.size(); size += 7) {  // cut off anywhere
    replace_file(whole.substr(0, size));
    const Choice chosen = choose("direct");
    EXPECT_EQ(chosen, winograd_) << size;
    EXPECT_FALSE(measured_.empty()) << size;
  }
}

TEST_F(Autotune, AFileThatIsNoFileCostsTheMeasurement) {
  fs::create_directories(file());  // a folder in its place
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(choose("winograd"), direct_);
    EXPECT_EQ(measured_, both_);
  }
  fs::remove_all(folder_);
  std::ofstream(folder_) << "no folder";
  EXPECT_EQ(choose("winograd"), direct_);
  EXPECT_EQ(measured_, both_);
  folder_ = "";
  EXPECT_EQ(choose("winograd"), direct_);
  EXPECT_EQ(measured_, both_);
}

TEST_F(Autotune, WhatCannotBeMeasuredIsLeftToTheEstimate) {
  AutotuneOptions autotune{.cache = folder_.string(), .measure = {}};
  autotune.measure = [](const ConvNode&, std::span<const ConvMethod* const>, const PlanOptions&,
                        double) -> Result<std::vector<ConvTiming>> {
    return Error{ErrorCode::kLimit, "too large"};
  };
  const auto chosen = fastest_conv_methods(graph(), {}, autotune);
  ASSERT_TRUE(chosen.ok());
  EXPECT_TRUE(chosen->empty());
  EXPECT_FALSE(fs::exists(file()));
}

TEST_F(Autotune, WritersAtTheSameTimeLeaveAWholeFile) {
  const TimingCache cache(folder_.string(), Isa::kBaseline, 1);
  const auto key = [](int writer, int i) {
    return "8x" + std::to_string(writer + 3) + "x" + std::to_string(i + 3) + " to 8, 3x3 stride 1 pad 1";
  };
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < 25; ++i) {
        EXPECT_TRUE(cache.add({{key(writer, i), {{"direct", writer + 1.0}, {"winograd", i + 1.0}}}}).ok());
        for (const auto& [layer, methods] : cache.read()) EXPECT_EQ(methods.size(), 2U) << layer;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  const TimingTable table = cache.read();
  EXPECT_FALSE(table.empty());
  for (const auto& [layer, methods] : table) {
    const ConvNode conv = parse_conv_key(layer).value();
    EXPECT_EQ(methods.at("direct"), static_cast<double>(conv.shape.in_h - 2));
    EXPECT_EQ(methods.at("winograd"), static_cast<double>(conv.shape.in_w - 2));
  }
  // One after another nothing is lost.
  ASSERT_TRUE(cache.add({{kWide, {{"direct", 1}}}}).ok());
  ASSERT_TRUE(cache.add({{kOther, {{"direct", 1}}}}).ok());
  EXPECT_TRUE(cache.read().contains(kWide));
  EXPECT_EQ(cache.read().size(), table.size() + 2);
  EXPECT_EQ(std::distance(fs::directory_iterator(file().parent_path()), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace saker
