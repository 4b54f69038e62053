// Checkpoints for other engines: exported once, again when they change, never by halves.
#include "exports/for_engine.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "model/read.h"
#include "support/temp_folder.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

TEST(ForEngine, ExportedOnceForEachStateOfTheFile) {
  const test::TempFolder folder;
  const std::string path = folder.path() + "/best.pt", cache = folder.path() + "/cache";
  fs::copy_file("tests/fuzz/corpus/checkpoint/v8.pt", path);
  const auto first = exported_for_engine(path, ExportFormat::kOnnx, cache);
  ASSERT_TRUE(first.ok()) << first.error().message;
  EXPECT_TRUE(fs::path(*first).filename().string().starts_with("best-")) << *first;
  const auto read = read_model(*first, {});
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->imported.graph.declared_inputs[0][2].symbol, "height");

  const auto written = fs::last_write_time(*first);
  EXPECT_EQ(*exported_for_engine(path, ExportFormat::kOnnx, cache), *first);
  EXPECT_EQ(fs::last_write_time(*first), written);

  fs::last_write_time(path, fs::last_write_time(path) + std::chrono::seconds(1));
  EXPECT_NE(*exported_for_engine(path, ExportFormat::kOnnx, cache), *first);
}

TEST(ForEngine, WhatCannotBe) {
  const test::TempFolder folder;
  const std::string path = folder.path() + "/cut.pt", cache = folder.path() + "/cache";
  EXPECT_EQ(exported_for_engine(path, ExportFormat::kOnnx, cache).error().code, ErrorCode::kNotFound);
  std::ofstream(path) << "PK\x03\x04 data.pkl";
  EXPECT_FALSE(exported_for_engine(path, ExportFormat::kOnnx, cache).ok());
  EXPECT_FALSE(fs::exists(cache));
  EXPECT_EQ(exported_for_engine(path, ExportFormat::kOnnx, "").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace saker
