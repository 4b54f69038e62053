#include "tracking/track_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace saker::tracking {
namespace {

const std::vector<std::string> kLabels = {"person", "sac à dos"};

TEST(EventLine, SaysWhatWhereWhoAndWhen) {
  const Event crossed{EventKind::kCrossed, "gate", 3, 0, true, 1.23449, 0};
  EXPECT_EQ(event_line(crossed, kLabels, "yard.mp4", 37),
            R"({"event":"crossed","where":"gate","direction":"forward","track":3,"class_id":0,"label":"person",)"
            R"("seconds":1.234,"frame":37,"source":"yard.mp4"})");
  const Event back{EventKind::kCrossed, "gate", 3, 1, false, 2, 0};
  EXPECT_NE(event_line(back, kLabels, "", 0).find(R"("direction":"backward")"), std::string::npos);
  const Event entered{EventKind::kEntered, "yard", 4, 1, false, 0, 0};
  EXPECT_EQ(event_line(entered, kLabels, "0", 0),
            R"({"event":"entered","where":"yard","track":4,"class_id":1,"label":"sac à dos","seconds":0.0,"frame":0,)"
            R"("source":"0"})");
  const Event left{EventKind::kLeft, "yard", 4, 7, false, 9.5, 8.25};
  EXPECT_EQ(event_line(left, kLabels, "0", 99),
            R"({"event":"left","where":"yard","track":4,"class_id":7,"label":"7","seconds":9.5,"stayed":8.25,)"
            R"("frame":99,"source":"0"})");
}

TEST(EventLine, IsOneLineOfJsonWhateverTheNames) {
  const std::string odd = "a\n\"b\\\x01\xff";
  const std::string line = event_line({EventKind::kEntered, odd, 1, 0, false, 0, 0}, std::vector{odd}, odd, 0);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["where"], "a\n\"b\\\x01\xef\xbf\xbd");
  EXPECT_EQ(json["label"], json["where"]);
  EXPECT_EQ(json["source"], json["where"]);
}

TEST(MotLine, HasTheTenColumns) {
  const Track track{12, 0, {10.123, 20, 50.129, 100.5}};
  EXPECT_EQ(mot_line(0, track, {2, 0.87654F, 0, 0, 1, 1}), "1,12,10.12,20.00,40.01,80.50,0.8765,2,-1,-1");
}

}  // namespace
}  // namespace saker::tracking
