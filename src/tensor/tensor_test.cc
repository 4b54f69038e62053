#include <gtest/gtest.h>
#include <saker/tensor.h>

namespace saker {
namespace {

TEST(Tensor, CountsElements) {
  EXPECT_EQ(element_count({}).value(), 1);
  EXPECT_EQ(element_count({2, 0, 3}).value(), 0);
  EXPECT_EQ(element_count({2, -1}).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(element_count({std::int64_t{1} << 40, std::int64_t{1} << 40}).error().code, ErrorCode::kLimit);
  EXPECT_EQ(Tensor::make(DType::kFloat64, {std::int64_t{1} << 42}).error().code, ErrorCode::kLimit);
  EXPECT_EQ(to_string({1, 3}), "[1, 3]");
}

TEST(Tensor, SharesMemoryBetweenCopies) {
  Tensor a = Tensor::make(DType::kInt32, {2, 3}).value();
  for (int i = 0; i < 6; ++i) a.data<std::int32_t>()[i] = i;
  const Tensor b = a.reshaped({3, 2});
  a.data<std::int32_t>()[5] = 50;
  EXPECT_EQ(b.data<std::int32_t>()[5], 50);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a.raw()) % 64, 0U);
  EXPECT_EQ(b.bytes(), 24U);
}

TEST(TensorView, CopiesAnyStridesToRowMajor) {
  const std::int32_t data[] = {0, 1, 2, 3, 4, 5};
  const TensorView transposed{data, DType::kInt32, {3, 2}, {1, 3}};
  EXPECT_FALSE(transposed.is_dense());
  const Tensor dense = to_dense(transposed).value();
  const std::int32_t expected[] = {0, 3, 1, 4, 2, 5};
  for (int i = 0; i < 6; ++i) EXPECT_EQ(dense.data<std::int32_t>()[i], expected[i]);
  const TensorView stretched{data, DType::kInt32, {2, 3}, {0, 1}};
  EXPECT_EQ(to_dense(stretched).value().data<std::int32_t>()[4], 1);
  const TensorView scalar{data + 3, DType::kInt32, {}, {}};
  EXPECT_EQ(to_dense(scalar).value().data<std::int32_t>()[0], 3);
  const TensorView empty{data, DType::kInt32, {0, 2}, {2, 1}};
  EXPECT_EQ(to_dense(empty).value().elements(), 0);
}

}  // namespace
}  // namespace saker
