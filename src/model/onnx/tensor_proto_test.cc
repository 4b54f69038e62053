// TensorProto: raw, typed and external data of every element type; sizes that do not fit.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "model/onnx/proto.h"
#include "support/onnx_writer.h"

namespace saker::onnx {
namespace {

namespace fs = std::filesystem;
using namespace test_support;

Result<NamedTensor> parse(const ProtoWriter& message, const std::string& folder = "") {
  const auto folders = folder.empty() ? std::vector<std::string>() : std::vector{folder};
  TensorSource source({nullptr, message.span().size()}, folders, 1U << 20U);
  return parse_tensor(message.span(), source);
}

std::string error_of(const ProtoWriter& message, const std::string& folder = "") {
  const auto tensor = parse(message, folder);
  return tensor.ok() ? "" : tensor.error().message;
}

void expect_mention(const std::string& message, const std::string& part) {
  EXPECT_NE(message.find(part), std::string::npos) << "'" << message << "' does not mention '" << part << "'";
}

template <typename T>
std::vector<T> values(const Result<NamedTensor>& named) {
  EXPECT_TRUE(named.ok()) << (named.ok() ? "" : named.error().message);
  if (!named.ok()) return {};
  const T* data = named->tensor.data<T>();
  return {data, data + named->tensor.elements()};
}

template <typename T>
void expect_raw(OnnxType type, DType dtype) {
  const std::vector<T> data = {T{1}, T{2}, T{3}};
  const ProtoWriter message = raw_tensor("t", type, {3, 1}, data);
  const auto named = parse(message);
  ASSERT_TRUE(named.ok()) << named.error().message;
  EXPECT_EQ(named->name, "t");
  EXPECT_EQ(named->tensor.dtype(), dtype);
  EXPECT_EQ(named->tensor.shape(), (Shape{3, 1}));
  EXPECT_EQ(values<T>(named), data);
}

TEST(TensorProto, RawDataOfEveryType) {
  expect_raw<float>(kOnnxFloat, DType::kFloat32);
  expect_raw<double>(kOnnxDouble, DType::kFloat64);
  expect_raw<std::uint16_t>(kOnnxFloat16, DType::kFloat16);
  expect_raw<std::uint16_t>(kOnnxBFloat16, DType::kBFloat16);
  expect_raw<std::int8_t>(kOnnxInt8, DType::kInt8);
  expect_raw<std::uint8_t>(kOnnxUint8, DType::kUint8);
  expect_raw<std::int16_t>(kOnnxInt16, DType::kInt16);
  expect_raw<std::uint16_t>(kOnnxUint16, DType::kUint16);
  expect_raw<std::int32_t>(kOnnxInt32, DType::kInt32);
  expect_raw<std::uint32_t>(kOnnxUint32, DType::kUint32);
  expect_raw<std::int64_t>(kOnnxInt64, DType::kInt64);
  expect_raw<std::uint64_t>(kOnnxUint64, DType::kUint64);
  expect_raw<std::uint8_t>(kOnnxBool, DType::kBool);
}

TEST(TensorProto, TypedData) {
  EXPECT_EQ(values<float>(parse(tensor_head("t", kOnnxFloat, {2}).fixed32(4, 1.5F).fixed32(4, -2))),
            (std::vector<float>{1.5F, -2}));
  EXPECT_EQ(values<double>(parse(tensor_head("t", kOnnxDouble, {}).fixed64(10, 2.5))), std::vector<double>{2.5});
  const std::vector<std::int64_t> signs = {-1, 3};
  EXPECT_EQ(values<std::int8_t>(parse(tensor_head("t", kOnnxInt8, {2}).packed(5, signs))),
            (std::vector<std::int8_t>{-1, 3}));
  EXPECT_EQ(values<std::int16_t>(parse(tensor_head("t", kOnnxInt16, {2}).packed(5, signs))),
            (std::vector<std::int16_t>{-1, 3}));
  EXPECT_EQ(values<std::int32_t>(parse(tensor_head("t", kOnnxInt32, {2}).varint(5, -1).varint(5, 3))),
            (std::vector<std::int32_t>{-1, 3}));
  EXPECT_EQ(values<std::int64_t>(parse(tensor_head("t", kOnnxInt64, {2}).packed(7, signs))), signs);
  EXPECT_EQ(values<std::uint8_t>(parse(tensor_head("t", kOnnxBool, {2}).packed(5, signs))),
            (std::vector<std::uint8_t>{1, 1}));
  EXPECT_EQ(values<std::uint16_t>(parse(tensor_head("t", kOnnxFloat16, {1}).varint(5, 0x3C00))),
            std::vector<std::uint16_t>{0x3C00});
  EXPECT_EQ(values<std::uint32_t>(parse(tensor_head("t", kOnnxUint32, {1}).varint(11, 4000000000))),
            std::vector<std::uint32_t>{4000000000});
  EXPECT_EQ(values<std::uint64_t>(parse(tensor_head("t", kOnnxUint64, {1}).varint(11, -1))),
            std::vector<std::uint64_t>{UINT64_MAX});
}

TEST(TensorProto, EmptyTensors) {
  EXPECT_EQ(values<float>(parse(tensor_head("t", kOnnxFloat, {0, 3}))), std::vector<float>{});
  EXPECT_EQ(values<float>(parse(tensor_head("t", kOnnxFloat, {0}).bytes(9, ""))), std::vector<float>{});
}

TEST(TensorProto, SizesThatDoNotFit) {
  expect_mention(error_of(float_tensor("w", {3}, {1, 2})), "tensor 'w': shape [3] of float32 needs 12 bytes");
  expect_mention(error_of(float_tensor("w", {1}, {1, 2})), "needs 4 bytes, the file has 8");
  expect_mention(error_of(tensor_head("w", kOnnxFloat, {3}).fixed32(4, 1)), "needs 3 values, the file has 1");
  expect_mention(error_of(tensor_head("w", kOnnxFloat, {1}).varint(7, 1)), "needs 1 values, the file has 0");
  expect_mention(error_of(tensor_head("w", kOnnxFloat, {2}).bytes(4, "12345")), "cut off");
  expect_mention(error_of(tensor_head("w", kOnnxFloat, {-2})), "negative");
  EXPECT_NE(error_of(tensor_head("w", kOnnxFloat, Shape(65, 1)).fixed32(4, 1)), "");
}

// Refused by the number of values that are there, before memory is taken.
TEST(TensorProto, HugeDimensionsAreRefusedAtOnce) {
  const std::int64_t huge = std::int64_t{1} << 40;
  expect_mention(error_of(tensor_head("w", kOnnxFloat, {huge}).raw(std::string(0, ' '))), "needs 1099511627776 values");
  expect_mention(error_of(tensor_head("w", kOnnxFloat, {huge}).bytes(9, std::string(900, 'x'))), "the file has 900");
  EXPECT_NE(error_of(tensor_head("w", kOnnxFloat, {huge, huge, huge})), "");
  EXPECT_NE(error_of(tensor_head("w", kOnnxUint8, {INT64_MAX})), "");
}

TEST(TensorProto, TypesThatAreNotSupported) {
  expect_mention(error_of(tensor_head("w", kOnnxString, {})), "string");
  expect_mention(error_of(tensor_head("w", 14, {})), "complex64");
  expect_mention(error_of(tensor_head("w", 17, {})), "float8e4m3fn");
  expect_mention(error_of(tensor_head("w", 999, {})), "number 999");
  expect_mention(error_of(tensor_head("w", 0, {})), "missing");
}

TEST(TensorProto, FieldsOfAnotherWireType) {
  EXPECT_NE(error_of(ProtoWriter().bytes(2, "float")), "");
  EXPECT_NE(error_of(tensor_head("w", kOnnxFloat, {1}).varint(9, 1)), "");
  EXPECT_NE(error_of(tensor_head("w", kOnnxFloat, {1}).varint(8, 1)), "");
  EXPECT_NE(error_of(ProtoWriter().fixed32(1, 1)), "");
}

// Raw data is used in place only where it is aligned.
TEST(TensorProto, DataInTheFileIsSharedWhenAligned) {
  const ProtoWriter message = float_tensor("w", {2}, {1, 2});
  for (std::size_t shift = 0; shift < 4; ++shift) {
    auto memory = std::make_shared<std::vector<std::byte>>(message.text().size() + 64);
    std::memcpy(memory->data() + shift, message.text().data(), message.text().size());
    TensorSource source({{memory, memory->data()}, memory->size()}, {}, 0);
    const auto named = parse_tensor(std::span(*memory).subspan(shift, message.text().size()), source);
    EXPECT_EQ(values<float>(named), (std::vector<float>{1, 2}));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(named->tensor.raw()) % alignof(float), 0U);
  }
}

class ExternalData : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("saker-external-" + std::to_string(::getpid()));
    fs::create_directories(root_ / "model" / "weights");
    write(root_ / "model" / "w.bin");
    write(root_ / "model" / "weights" / "w.bin");
    write(root_ / "secret.bin");
  }
  void TearDown() override { fs::remove_all(root_); }

  static void write(const fs::path& path) {
    const float data[] = {1, 2, 3, 4};
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(data), sizeof(data));
  }
  static ProtoWriter external(const std::vector<std::pair<std::string, std::string>>& entries) {
    ProtoWriter out = tensor_head("w", kOnnxFloat, {2});
    for (const auto& [key, value] : entries) out.message(13, ProtoWriter().bytes(1, key).bytes(2, value));
    return out.varint(14, 1);
  }
  std::string folder() const { return (root_ / "model").string(); }
  std::string error(const std::vector<std::pair<std::string, std::string>>& entries) const {
    return error_of(external(entries), folder());
  }

  fs::path root_;
};

TEST_F(ExternalData, InTheFolder) {
  EXPECT_EQ(values<float>(parse(external({{"location", "w.bin"}}), folder())), (std::vector<float>{1, 2}));
  EXPECT_EQ(values<float>(parse(external({{"location", "weights/w.bin"}, {"offset", "8"}, {"length", "8"}}), folder())),
            (std::vector<float>{3, 4}));
  EXPECT_EQ(values<float>(parse(external({{"location", "weights/../w.bin"}}), folder())), (std::vector<float>{1, 2}));
}

TEST_F(ExternalData, OutsideTheFolder) {
  expect_mention(error({{"location", "../secret.bin"}}), "outside");
  expect_mention(error({{"location", "weights/../../secret.bin"}}), "outside");
  expect_mention(error({{"location", (root_ / "model" / "w.bin").string()}}), "outside");  // absolute
  expect_mention(error({{"location", "/etc/passwd"}}), "outside");
  expect_mention(error({{"location", ""}}), "outside");
  expect_mention(error({{"location", "."}}), "outside");
  expect_mention(error({}), "outside");
  fs::create_symlink(root_ / "secret.bin", root_ / "model" / "link.bin");
  expect_mention(error({{"location", "link.bin"}}), "outside");
  fs::create_directory_symlink(root_, root_ / "model" / "up");
  expect_mention(error({{"location", "up/secret.bin"}}), "outside");
  fs::create_directories(root_ / "model-2");
  write(root_ / "model-2" / "w.bin");
  expect_mention(error({{"location", "../model-2/w.bin"}}), "outside");
}

TEST_F(ExternalData, LinksInsideTheFolderAreFollowed) {
  fs::create_symlink("w.bin", root_ / "model" / "link.bin");
  EXPECT_EQ(values<float>(parse(external({{"location", "link.bin"}}), folder())), (std::vector<float>{1, 2}));
}

// As the cache of a hub lays its files: links from a snapshot into the blobs.
TEST_F(ExternalData, LinksOfACacheLeadToItsBlobs) {
  fs::create_directories(root_ / "hub" / "blobs");
  fs::create_directories(root_ / "hub" / "snapshots" / "1f2e" / "onnx");
  write(root_ / "hub" / "blobs" / "cafe");
  const std::string plain = (root_ / "hub" / "snapshots" / "1f2e").string(), deeper = plain + "/onnx";
  fs::create_symlink("../../blobs/cafe", fs::path(plain) / "w.bin");
  fs::create_symlink("../../../blobs/cafe", fs::path(deeper) / "w.bin");
  for (const std::string& folder : {plain, deeper})
    EXPECT_EQ(values<float>(parse(external({{"location", "w.bin"}}), folder)), (std::vector<float>{1, 2})) << folder;
  // Not what the file itself names there, nor what lies elsewhere.
  expect_mention(error_of(external({{"location", "../../blobs/cafe"}}), plain), "outside");
  fs::create_symlink(root_ / "secret.bin", fs::path(plain) / "secret.bin");
  expect_mention(error_of(external({{"location", "secret.bin"}}), plain), "outside");
  fs::create_symlink(root_ / "hub" / "blobs" / "cafe", root_ / "model" / "cafe");
  expect_mention(error({{"location", "cafe"}}), "outside");
}

TEST_F(ExternalData, SizesThatDoNotFit) {
  expect_mention(error({{"location", "w.bin"}, {"offset", "12"}}), "but the file has 16");
  expect_mention(error({{"location", "w.bin"}, {"offset", "18446744073709551615"}}), "");
  EXPECT_NE(error({{"location", "w.bin"}, {"offset", "18446744073709551600"}}), "");
  EXPECT_NE(error({{"location", "w.bin"}, {"offset", "99999999999999999999"}}), "");
  EXPECT_NE(error({{"location", "w.bin"}, {"offset", "-4"}}), "");
  EXPECT_NE(error({{"location", "w.bin"}, {"length", "4"}}), "");
  expect_mention(error({{"location", "none.bin"}}), "none.bin");
  EXPECT_NE(error({{"location", "weights"}}), "");
}

// 100,000 tensors over one region: shared where aligned, else copied as far as the budget goes.
TEST_F(ExternalData, ManyTensorsOverOneRegionStayWithinTheBudget) {
  const auto over = [](const char* offset) { return external({{"location", "big.bin"}, {"offset", offset}}); };
  fs::resize_file(root_ / "model" / "w.bin", 1U << 16U);
  fs::rename(root_ / "model" / "w.bin", root_ / "model" / "big.bin");
  TensorSource source({nullptr, 0}, {folder()}, 1U << 20U);
  const void* first = nullptr;
  for (int i = 0; i < 100'000; ++i) {
    const auto named = parse_tensor(over("8").span(), source);
    ASSERT_TRUE(named.ok()) << named.error().message;
    if (first == nullptr) first = named->tensor.raw();
    ASSERT_EQ(named->tensor.raw(), first);
  }
  ProtoWriter copied = tensor_head("w", kOnnxFloat, {10'000});
  copied.message(13, ProtoWriter().bytes(1, "location").bytes(2, "big.bin"));
  copied.message(13, ProtoWriter().bytes(1, "offset").bytes(2, "1")).varint(14, 1);
  Result<NamedTensor> last = parse_tensor(copied.span(), source);
  int taken = 0;
  for (; last.ok() && taken < 100'000; ++taken) last = parse_tensor(copied.span(), source);
  ASSERT_FALSE(last.ok());
  EXPECT_EQ(last.error().code, ErrorCode::kLimit);
  expect_mention(last.error().message, "more than the limit of 17301504 bytes");  // 8 * 64 KiB + 16 MiB
  EXPECT_EQ(taken, 432);
}

TEST_F(ExternalData, AllFilesTogetherHaveALimit) {
  fs::resize_file(root_ / "model" / "w.bin", 600'000);
  fs::resize_file(root_ / "model" / "weights" / "w.bin", 600'000);
  TensorSource source({nullptr, 0}, {folder()}, 1'000'000);
  EXPECT_TRUE(parse_tensor(external({{"location", "w.bin"}}).span(), source).ok());
  EXPECT_TRUE(parse_tensor(external({{"location", "w.bin"}}).span(), source).ok());
  const auto second = parse_tensor(external({{"location", "weights/w.bin"}}).span(), source);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kLimit);
  expect_mention(second.error().message, "more than the limit of 1000000 bytes");
}

TEST_F(ExternalData, NeedsAModelFromAFile) {
  expect_mention(error_of(external({{"location", "w.bin"}})), "needs a model read from a file");
}

}  // namespace
}  // namespace saker::onnx
