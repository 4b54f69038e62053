#include "model/compressed_size.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"

namespace saker {
namespace {

TEST(CompressedSize, OfZerosIsLittleAndOfNoiseAll) {
  const std::string zeros(1'000'000, '\0');
  std::string noise(1'000'000, '\0'), sparse(1'000'000, '\0');
  PortableRandom random(4);
  for (char& byte : noise) byte = static_cast<char>(random.below(256));
  for (char& byte : sparse) byte = random.below(10) == 0 ? static_cast<char>(random.below(256)) : '\0';
  EXPECT_LT(compressed_size(zeros), 2'000U);
  // A tenth of the bytes, and which: at least 0.1 (8 + log2(10)) + 0.9 log2(10/9) bits of 8.
  EXPECT_GT(compressed_size(sparse), 150'000U);
  EXPECT_LT(compressed_size(sparse), 300'000U);
  EXPECT_GE(compressed_size(noise), noise.size());
  EXPECT_LT(compressed_size(noise), noise.size() + 1'000);
  EXPECT_LT(compressed_size(""), 20U);
}

}  // namespace
}  // namespace saker
