#include <gtest/gtest.h>

#include <string>

#include "support/temp_folder.h"
#include "tracking/byte_tracker.h"

namespace saker::tracking {
namespace {

class TrackerFile : public ::testing::Test {
 protected:
  Result<TrackerOptions> read(const std::string& text) const {
    return read_tracker_options(folder_.write("tracker.yaml", text));
  }
  // What is wrong with it, without the folder.
  std::string error(const std::string& text, ErrorCode code = ErrorCode::kInvalid) const {
    const auto options = read(text);
    if (options.ok()) return "none";
    EXPECT_EQ(options.error().code, code) << options.error().message;
    const std::string& message = options.error().message;
    EXPECT_TRUE(message.starts_with(folder_.path() + "/")) << message;
    return message.substr(folder_.path().size() + 1);
  }

 private:
  test::TempFolder folder_;
};

TEST_F(TrackerFile, AsUltralyticsWritesIt) {
  const auto options = read(
      "# defaults\n"
      "tracker_type: bytetrack # a comment\n"
      "track_high_thresh: 0.5\n"
      "track_low_thresh: 0.05\n"
      "new_track_thresh: 0.6\n"
      "track_buffer: 60\n"
      "match_thresh: 0.9\n"
      "fuse_score: False\n");
  ASSERT_TRUE(options.ok()) << options.error().message;
  EXPECT_EQ(options->track_high_thresh, 0.5);
  EXPECT_EQ(options->track_low_thresh, 0.05);
  EXPECT_EQ(options->new_track_thresh, 0.6);
  EXPECT_EQ(options->track_buffer, 60);
  EXPECT_EQ(options->match_thresh, 0.9);
  EXPECT_FALSE(options->fuse_score);
  EXPECT_DOUBLE_EQ(options->patience(), 2);
}

TEST_F(TrackerFile, WhatIsMissingHasUltralyticsDefaults) {
  const auto options = read("tracker_type: bytetrack\n");
  ASSERT_TRUE(options.ok()) << options.error().message;
  EXPECT_EQ(options->track_high_thresh, 0.25);
  EXPECT_EQ(options->track_low_thresh, 0.1);
  EXPECT_EQ(options->new_track_thresh, 0.25);
  EXPECT_EQ(options->track_buffer, 30);
  EXPECT_EQ(options->match_thresh, 0.8);
  EXPECT_TRUE(options->fuse_score);
  EXPECT_TRUE(read("fuse_score: true\n").ok());
}

TEST_F(TrackerFile, AnotherTrackerIsRefusedByName) {
  const std::string other = error("tracker_type: botsort\ngmc_method: sparseOptFlow\n", ErrorCode::kUnsupported);
  EXPECT_EQ(other,
            "tracker.yaml:1: `tracker_type` is botsort; saker has bytetrack. Write `tracker_type: bytetrack` and leave "
            "out the fields that bytetrack.yaml does not have");
  // Whatever comes before it.
  EXPECT_NE(error("gmc_method: none\ntracker_type: ocsort\n", ErrorCode::kUnsupported).find(":2: "), std::string::npos);
  EXPECT_NE(error("tracker_type:\n").find("tracker.yaml:1: "), std::string::npos);
}

TEST_F(TrackerFile, WhatIsWrongIsNamedWithItsLine) {
  EXPECT_EQ(error("tracker_type: bytetrack\ntrack_bufer: 30\n"),
            "tracker.yaml:2: bytetrack has no `track_bufer`; it has tracker_type, track_high_thresh, track_low_thresh, "
            "new_track_thresh, track_buffer, match_thresh and fuse_score");
  EXPECT_EQ(error("match_thresh: 1.5\n"), "tracker.yaml:1: `match_thresh` is not a number from 0 to 1");
  EXPECT_EQ(error("\nmatch_thresh: -0.1\n"), "tracker.yaml:2: `match_thresh` is not a number from 0 to 1");
  for (const char* value : {"", "much", "[0.5]", ".nan", "nan", "inf", "{a: 1}", "0.5 0.6"})
    EXPECT_EQ(error(std::string("match_thresh: ") + value + "\n"),
              "tracker.yaml:1: `match_thresh` is not a number from 0 to 1");
  EXPECT_EQ(error("track_buffer: 1.5\n"), "tracker.yaml:1: `track_buffer` is not a whole number of frames");
  EXPECT_EQ(error("track_buffer: -1\n"), "tracker.yaml:1: `track_buffer` is not a number from 0 to 1e+06");
  EXPECT_EQ(error("fuse_score: 2\n"), "tracker.yaml:1: `fuse_score` is neither True nor False");
  EXPECT_EQ(error("fuse_score: [true]\n"), "tracker.yaml:1: `fuse_score` is neither True nor False");
  EXPECT_EQ(error("match_thresh: 0.5\nmatch_thresh: 0.6\n"), "tracker.yaml:2: `match_thresh` is there twice");
  EXPECT_EQ(error("track_low_thresh: 0.6\n"),
            "tracker.yaml:1: `track_low_thresh` is 0.6, above `track_high_thresh`, which is 0.25");
}

TEST_F(TrackerFile, WhatIsNoMapOfYamlIsRefused) {
  for (const char* text : {"", "# nothing\n", "- 1\n- 2\n", "bytetrack", "\xff\xfe", "? [a]\n"})
    EXPECT_NE(error(text), "none") << text;
  EXPECT_EQ(error("a: b: c\n"), "tracker.yaml:1: illegal map value");
  EXPECT_NE(error("a: 1\nb: [1,\n").find("tracker.yaml:"), std::string::npos);
  EXPECT_EQ(read_tracker_options("/nowhere/tracker.yaml").error().code, ErrorCode::kNotFound);
}

TEST_F(TrackerFile, BombsAreRefusedSoon) {
  EXPECT_NE(error(std::string(100'000, '[')), "none");
  std::string deep;
  for (int i = 0; i < 20'000; ++i) deep += "{a: ";
  EXPECT_NE(error(deep), "none");
  EXPECT_NE(error("a: &a [*a, *a]\n"), "none");
  std::string laughs = "a0: &a0 [1, 1]\n";
  for (int i = 1; i < 60; ++i) {
    const std::string last = std::to_string(i - 1), next = std::to_string(i);
    laughs += "a" + next + ": &a" + next + " [*a" + last + ", *a" + last + ", *a" + last + "]\n";
  }
  EXPECT_NE(error(laughs), "none");
  EXPECT_NE(read("# " + std::string(300'000, 'x')).error().message.find("tracker.yaml"), std::string::npos);
  EXPECT_EQ(read("# " + std::string(300'000, 'x')).error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace saker::tracking
