#include "pipeline/result_writers.h"

#include <gtest/gtest.h>

namespace saker {
namespace {

PictureResult result_of(const std::string& name) {
  PictureResult result;
  result.name = name;
  result.width = 100;
  result.height = 50;
  result.found.boxes = {{0, 0.5F, 10, 5, 30, 25}};
  return result;
}

std::string written(const WriterOptions& options, const std::vector<PictureResult>& results,
                    std::vector<std::string> labels = {"dog"}) {
  std::string text;
  const auto writer = make_writer(options, std::move(labels), [&](std::string_view part) { text += part; });
  RunSummary summary;
  writer->begin();
  for (const PictureResult& result : results) {
    summary.add(result);
    writer->add(result);
  }
  summary.wall_ms = 1000;
  writer->end(summary);
  return text;
}

TEST(ResultWriters, JsonIsAnArrayEvenOfNothing) {
  EXPECT_EQ(written({ResultFormat::kJson}, {}), "[]\n");
  EXPECT_EQ(written({ResultFormat::kJson}, {result_of("a\"\xFF.jpg")}),
            "[\n{\"image\":\"a\\\"\xEF\xBF\xBD.jpg\",\"width\":100,\"height\":50,\"detections\":[\n"
            "  {\"class_id\":0,\"label\":\"dog\",\"score\":0.5,\"box\":[10,5,30,25]}],"
            "\"ms\":{\"decode\":0.000,\"preprocess\":0.000,\"infer\":0.000,\"postprocess\":0.000}}\n]\n");
}

TEST(ResultWriters, CocoTakesNumbersForIds) {
  const auto rows = written({ResultFormat::kCoco}, {result_of("in/000042.jpg"), result_of("bus-1.jpg")});
  EXPECT_EQ(rows,
            "[\n{\"image_id\":42,\"category_id\":0,\"bbox\":[10,5,20,20],\"score\":0.5},\n"
            "{\"image_id\":\"bus-1\",\"category_id\":0,\"bbox\":[10,5,20,20],\"score\":0.5}\n]\n");
  EXPECT_NE(written({ResultFormat::kCoco}, {result_of("7.jpg")}, coco80_labels()).find("\"category_id\":1,"),
            std::string::npos);
  EXPECT_NE(written({ResultFormat::kCoco}, {result_of("-7.jpg")}).find("\"image_id\":\"-7\""), std::string::npos);
}

TEST(ResultWriters, YoloNamesThePicturesWhereThereAreSeveral) {
  EXPECT_EQ(written({ResultFormat::kYolo, true, true}, {result_of("a.jpg")}), "# a.jpg\n0 0.2 0.3 0.2 0.4 0.5\n");
  EXPECT_EQ(written({ResultFormat::kYolo, false, false}, {result_of("a.jpg")}), "0 0.2 0.3 0.2 0.4\n");
}

TEST(ResultWriters, ATableCountsAndEndsWithMeans) {
  const std::string table = written({ResultFormat::kTable, false, true}, {result_of("a.jpg"), result_of("b.jpg")});
  EXPECT_TRUE(table.starts_with("a.jpg  100x50  1 dog\n")) << table;
  EXPECT_NE(table.find("\n2 pictures, 2 boxes; 2.0 pictures/s\n"), std::string::npos) << table;
}

}  // namespace
}  // namespace saker
