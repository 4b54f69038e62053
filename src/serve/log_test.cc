// Records as lines, whatever is in them; nobody waits for a slow reader.
#include "serve/log.h"

#include <gtest/gtest.h>

#include <future>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace saker::serve {
namespace {

const std::chrono::system_clock::time_point kTime{std::chrono::milliseconds(1'700'000'000'123)};

TEST(Log, TextOnOneLine) {
  EXPECT_EQ(log_line(false, kTime, LogLevel::kInfo, "request", {{"target", "/v1"}, {"ms", 1.5}, {"status", 200}}),
            "2023-11-14T22:13:20.123Z INFO    request target=/v1 ms=1.500 status=200\n");
  const std::string hostile = log_line(false, kTime, LogLevel::kError, "a\nb", {{"x", "a b\"\n\x1b[31m"}, {"y", ""}});
  EXPECT_EQ(std::count(hostile.begin(), hostile.end(), '\n'), 1);
  EXPECT_EQ(hostile.find('\x1b'), std::string::npos);
  EXPECT_NE(hostile.find("y=\"\""), std::string::npos);
}

TEST(Log, JsonReadsBack) {
  const std::string line = log_line(true, kTime, LogLevel::kWarning, "m", {{"x", "a\"\n\xff"}, {"n", 7}, {"d", 0.5}});
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["time"], "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(json["level"], "warning");
  EXPECT_EQ(json["x"], "a\"\n\xef\xbf\xbd");
  EXPECT_EQ(json["n"], 7);
  EXPECT_EQ(json["d"], 0.5);
}

TEST(Log, AccessAndLevels) {
  std::string written;
  const auto take = [&](std::string_view lines) { written += lines; };
  AccessRecord record;
  record.id = "r1", record.peer = "127.0.0.1:1", record.method = "POST", record.target = "/v1/detect?x=\"y";
  record.status = 200, record.model = "signs";
  {
    Log log({}, take), silent({false, LogLevel::kInfo, false}, take);
    log.access(record);
    silent.access(record);
  }
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 1);
  EXPECT_NE(written.find("id=r1 peer=127.0.0.1:1 method=POST target=\"/v1/detect?x=\\\"y\" status=200"),
            std::string::npos)
      << written;
  written.clear();
  {
    Log log({false, LogLevel::kWarning}, take);
    log.info("no");
    log.access(record);
    log.error("yes");
  }
  EXPECT_NE(written.find("yes"), std::string::npos);
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 1);
}

TEST(Log, ASlowReaderHoldsNobodyUpAndWhatIsLostIsCounted) {
  std::promise<void> begun, go;
  std::string written;
  bool first = true;
  {
    LogOptions options;
    options.most_waiting = 10;
    Log log(options, [&](std::string_view lines) {
      if (first) {
        first = false;
        begun.set_value();
        go.get_future().wait();
      }
      written += lines;
    });
    log.info("first");
    begun.get_future().wait();  // the reader is stuck from now on
    for (int i = 0; i < 30; ++i) log.info("more");
    EXPECT_EQ(log.dropped(), 20U);
    go.set_value();
  }
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 12);  // 1 + 10, and one that tells of the others
  EXPECT_NE(written.find("count=20"), std::string::npos);
}

}  // namespace
}  // namespace saker::serve
