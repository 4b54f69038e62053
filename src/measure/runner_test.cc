// Measuring with made-up engines: shell scripts that answer, lie, crash, babble or say nothing.
#include "measure/runner.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "measure/engine_process.h"

namespace saker {
namespace {

using nlohmann::json;

// A child whose behaviour hangs on the model's name; `script` are further cases of its `case`.
std::vector<std::string> fake(const std::string& script = "") {
  Loaded loaded;
  loaded.backend = "saker";
  loaded.threads = loaded.streams = loaded.batch = 1;
  loaded.load_ms = 3;
  const std::string load = json(loaded).dump(), round = json(Round{{2, 1, 3}, 6, 0, 0, 0}).dump(),
                    memory = json(PeakMemory{7}).dump();
  return {"sh", "-c",
          "while read -r line; do case $line in " + script + " *load*) echo '" + load + "';; *round*) echo '" + round +
              "';; *memory*) echo '" + memory + "';; esac; done"};
}

Configuration named(const std::string& model) {
  Configuration configuration;
  configuration.model = model;
  return configuration;
}

std::vector<Measured> run(const std::vector<std::string>& models, const std::vector<std::string>& command,
                          MeasureOptions options = {}) {
  std::vector<Configuration> configurations;
  for (const std::string& model : models) configurations.push_back(named(model));
  return measure(configurations, options, command, [](std::size_t) {});
}

TEST(Runner, FiguresOfRounds) {
  MeasureOptions options;
  options.rounds = 4;
  const auto results = run({"a", "b"}, fake(), options);
  ASSERT_EQ(results.size(), 2U);
  for (const Measured& each : results) {
    ASSERT_TRUE(each.ok()) << each.error.message;
    EXPECT_EQ(each.rounds.size(), 4U);
    EXPECT_EQ(each.all_ms().size(), 12U);
    EXPECT_DOUBLE_EQ(each.latency().p50, 2);
    EXPECT_DOUBLE_EQ(each.fps(), 500);
    EXPECT_EQ(each.round_figures(false), (std::vector<double>{2, 2, 2, 2}));
    EXPECT_EQ(each.round_figures(true), (std::vector<double>{2, 2, 2, 2}));
    EXPECT_DOUBLE_EQ(each.rss_peak_mb, 7);
  }
  EXPECT_EQ(compare_speed(results[0], results[1]).ratio.verdict, SpeedVerdict::kNoDifference);
}

TEST(Runner, RunsAreSharedByTheRounds) {
  MeasureOptions options;
  options.runs = 7;
  options.rounds = 3;
  // Each round answers with as many runs as it was told to make: 2, 2, 3.
  const auto command = fake(
      "*'\"runs\":2'*) echo '{\"ms\":[1,1],\"wall_ms\":2,\"preprocess\":0,\"infer\":0,\"boxes\":0}';; "
      "*'\"runs\":3'*) echo '{\"ms\":[1,1,1],\"wall_ms\":3,\"preprocess\":0,\"infer\":0,\"boxes\":0}';; ");
  const auto results = run({"a"}, command, options);
  ASSERT_TRUE(results[0].ok()) << results[0].error.message;
  EXPECT_EQ(results[0].all_ms().size(), 7U);
  options.runs = 2;
  EXPECT_EQ(run({"a"}, fake(), options)[0].rounds.size(), 2U);
}

// The good one between them is measured all the same.
TEST(Runner, OneThatFailsDoesNotTakeTheOthersAlong) {
  MeasureOptions options;
  options.rounds = 3;
  const auto command = fake(
      "*complains*) echo '{\"error\":\"no such operator\"}';; "
      "*dies*) echo 'last words' >&2; kill -SEGV $$;; "
      "*leaves*) exit 3;; "
      "*babbles*) echo 'hello';; "
      "*lies*) echo '{\"backend\":1}';; "
      "*lists*) echo '[1,2]';; ");
  const auto results = run({"complains", "dies", "leaves", "good", "babbles", "lies", "lists"}, command, options);
  const std::vector<std::string> expected = {"no such operator", "signal 11",      "exit code 3",   "",
                                             "makes no sense",   "makes no sense", "makes no sense"};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(results[i].ok(), expected[i].empty())
        << results[i].configuration.model << ": " << results[i].error.message;
    EXPECT_NE(results[i].error.message.find(expected[i]), std::string::npos)
        << results[i].configuration.model << ": " << results[i].error.message;
  }
  EXPECT_NE(results[1].error.message.find("last words"), std::string::npos);
  EXPECT_EQ(results[3].rounds.size(), 3U);
}

TEST(Runner, TimesThatCannotBeAreErrors) {
  for (const Round& round : {Round{{1, -1}, 2, 0, 0, 0}, Round{{1, 0}, 1, 0, 0, 0}, Round{{1e308, 1e308}, 1, 0, 0, 0},
                             Round{{1}, -1, 0, 0, 0}, Round{{1}, 1e308, 0, 0, 0}, Round{{1}, 1, -1, 0, 0}}) {
    const auto results = run({"a"}, fake("*round*) echo '" + json(round).dump() + "';; "));
    EXPECT_NE(results[0].error.message.find("makes no sense"), std::string::npos) << json(round).dump();
  }
  Loaded good, negative, nobody;
  good.streams = good.batch = negative.streams = negative.batch = nobody.batch = 1;
  nobody.streams = 0;
  negative.load_ms = -1;
  for (const Loaded& loaded : {negative, nobody}) {
    const auto results = run({"a"}, fake("*load*) echo '" + json(loaded).dump() + "';; "));
    EXPECT_NE(results[0].error.message.find("makes no sense"), std::string::npos) << json(loaded).dump();
  }
  EXPECT_TRUE(run({"a"}, fake("*load*) echo '" + json(good).dump() + "';; "))[0].ok());
}

TEST(Runner, SilenceIsGivenUp) {
  MeasureOptions options;
  options.timeout_ms = 50;
  const auto results = run({"a"}, {"sleep", "100"}, options);
  EXPECT_NE(results[0].error.message.find("no answer within 0.05 s\n`timeout` gives it longer"), std::string::npos)
      << results[0].error.message;
}

TEST(Runner, DeathInTheMiddleKeepsTheOthers) {
  MeasureOptions options;
  options.rounds = 5;
  // The second round kills it.
  const auto command = fake("*load*mortal*) mortal=1; echo '" +
                            json([] {
                              Loaded loaded;
                              loaded.streams = loaded.batch = 1;
                              return loaded;
                            }())
                                .dump() +
                            "';; *round*) [ -z \"$mortal\" ] || [ -z \"$once\" ] || kill -9 $$; once=1; echo '" +
                            json(Round{{1}, 1, 0, 0, 0}).dump() + "';; ");
  const auto results = run({"good", "mortal"}, command, options);
  EXPECT_TRUE(results[0].ok());
  EXPECT_EQ(results[0].rounds.size(), 5U);
  EXPECT_FALSE(results[1].ok());
  EXPECT_EQ(results[1].rounds.size(), 1U);
  EXPECT_NE(results[1].error.message.find("signal 9"), std::string::npos);
  EXPECT_NE(results[1].error.message.find("memory"), std::string::npos);
}

TEST(Runner, EmptyRoundsAndMissingProgramsAreErrors) {
  const auto empty =
      run({"a"}, fake("*round*) echo '{\"ms\":[],\"wall_ms\":0,\"preprocess\":0,\"infer\":0,\"boxes\":0}';; "));
  EXPECT_NE(empty[0].error.message.find("measured nothing"), std::string::npos);
  const auto missing = run({"a"}, {"saker-no-such-program"});
  EXPECT_NE(missing[0].error.message.find("not found"), std::string::npos);
}

TEST(Runner, SeveralStreamsAreComparedByThroughput) {
  Measured one, four;
  one.loaded.batch = four.loaded.batch = 1;
  one.loaded.streams = 1;
  four.loaded.streams = 4;
  for (int k = 0; k < 5; ++k) {
    one.rounds.push_back({{10, 10}, 20, 0, 0, 0});
    four.rounds.push_back({{20, 20, 20, 20}, 20, 0, 0, 0});  // each slower, together twice as fast
  }
  const SpeedComparison comparison = compare_speed(one, four);
  EXPECT_TRUE(comparison.throughput);
  EXPECT_NEAR(comparison.ratio.ratio, 2, 1e-12);
  four.loaded.streams = 1;
  EXPECT_FALSE(compare_speed(one, four).throughput);
  EXPECT_NEAR(compare_speed(one, four).ratio.ratio, 0.5, 1e-12);
  four.loaded.batch = 2;
  EXPECT_NEAR(compare_speed(one, four).ratio.ratio, 4, 1e-12);  // pictures
}

}  // namespace
}  // namespace saker
