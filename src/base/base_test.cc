// Files, halves, ISA names.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>

#include "base/cpu.h"
#include "base/files.h"
#include "base/half.h"
#include "base/usable_cpus.h"

namespace saker {
namespace {

TEST(Half, EveryHalfSurvivesTheRoundTrip) {
  for (std::uint32_t h = 0; h < 0x10000; ++h) {
    const auto half = static_cast<std::uint16_t>(h);
    const float value = half_to_float(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(half_to_float(float_to_half(value))));
    } else {
      ASSERT_EQ(float_to_half(value), half) << value;
    }
  }
}

TEST(Half, RoundsToNearestEven) {
  EXPECT_EQ(float_to_half(1.0F + 0x1p-11F), 0x3C00);            // halfway, down to even
  EXPECT_EQ(float_to_half(1.0F + 3 * 0x1p-11F), 0x3C02);        // halfway, up to even
  EXPECT_EQ(float_to_half(65519.0F), 0x7BFF);                   // below the last halfway point
  EXPECT_EQ(float_to_half(65520.0F), 0x7C00);                   // to infinity
  EXPECT_EQ(float_to_half(0x1p-25F), 0);                        // half the least subnormal, to even
  EXPECT_EQ(float_to_half(std::nextafter(0x1p-25F, 1.0F)), 1);  // above it
  EXPECT_EQ(float_to_bfloat16(1.0F + 0x1p-8F), 0x3F80);
  EXPECT_EQ(bfloat16_to_float(0x4049), 3.140625F);
}

TEST(Cpu, Bf16IsPartOfTheHighestLevelOrMissing) {
  for (const Isa isa : {Isa(), Isa(Isa::kAvx2), Isa(Isa::kAvx2, Isa::kVnni)}) {
    const Status status = require_bf16(isa);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kUnsupported);
    EXPECT_NE(status.error().message.find("use"), std::string::npos) << status.error().message;
  }
  if (!isa_supported(Isa::kAvx512)) {
    EXPECT_FALSE(require_bf16(Isa::kAvx512).ok());
  }
}

// Held at a level, nothing above it is used: neither the dot product nor tiles, which come with it.
TEST(Cpu, ANameHasNoMoreThanItPermits) {
  EXPECT_EQ(find_isa("baseline")->features, 0);
  EXPECT_EQ(find_isa("avx2")->features, 0);
  EXPECT_EQ(find_isa("avx2_vnni")->features, Isa::kVnni);
  EXPECT_EQ(find_isa("avx512")->features & ~(Isa::kBf16 | Isa::kFp16 | Isa::kVbmi), 0);
  EXPECT_TRUE(find_isa("avx512_vnni")->has(Isa::kVnni));
}

TEST(Cpu, FeaturesAreThoseOfTheCpu) {
  EXPECT_TRUE(isa_supported(best_isa()));
  EXPECT_EQ(isa_supported(Isa::kAvx512), best_isa().level == Isa::kAvx512);
  for (const int feature : {Isa::kVnni, Isa::kBf16, Isa::kFp16, Isa::kVbmi, Isa::kAmxInt8, Isa::kAmxBf16}) {
    EXPECT_FALSE(isa_supported({Isa::kBaseline, feature})) << feature;
    if (best_isa().level == Isa::kAvx512) {
      EXPECT_EQ(isa_supported({Isa::kAvx512, feature}), (best_isa().features & feature) != 0) << feature;
    }
  }
}

TEST(Files, WritesWholeOrNotAtAll) {
  const std::string path = testing::TempDir() + "saker_files_test";
  ASSERT_TRUE(write_file(path, "hello").ok());
  const auto back = read_file(path, 100);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->size, 5U);
  EXPECT_EQ(read_file(path, 4).error().code, ErrorCode::kLimit);
  EXPECT_EQ(read_file_range(path, 3, 3).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(read_file_range(path, SIZE_MAX, 3).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(read_file(path + ".absent", 100).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(read_file(testing::TempDir(), 100).error().code, ErrorCode::kIo);
  EXPECT_FALSE(write_file("/nonexistent/folder/file", "x").ok());
  EXPECT_FALSE(check_writable("/nonexistent/folder/file").ok());
  EXPECT_TRUE(check_writable(path).ok());
  std::filesystem::remove(path);
}

TEST(Files, PieceByPieceIsInPlaceAtTheEndOrNotAtAll) {
  std::string folder = testing::TempDir() + "saker_writer_XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/text";
  {
    auto file = FileWriter::create(path);
    ASSERT_TRUE(file.ok());
    EXPECT_TRUE(file->append("hel").ok());
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  auto file = FileWriter::create(path);
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(file->append("hel").ok());
  EXPECT_TRUE(file->append("lo").ok());
  EXPECT_FALSE(std::filesystem::exists(path));
  ASSERT_TRUE(file->finish().ok());
  EXPECT_EQ(read_file(path, 100)->size, 5U);
  EXPECT_FALSE(FileWriter::create("/nonexistent/folder/file").ok());
  std::filesystem::remove_all(folder);
}

TEST(Cpu, LevelsHaveNames) {
  EXPECT_EQ(choose_isa("baseline").value(), Isa::kBaseline);
  EXPECT_EQ(choose_isa(isa_name(best_isa())).value(), best_isa());
  EXPECT_EQ(choose_isa("sse9").error().code, ErrorCode::kInvalid);
  EXPECT_EQ(isa_names(), "baseline, avx2, avx2_vnni, avx512 or avx512_vnni");
  for (const Isa isa : named_isas()) EXPECT_EQ(find_isa(isa_name(isa)), isa);
  EXPECT_GE(usable_cpus(), 1);
}

}  // namespace
}  // namespace saker
