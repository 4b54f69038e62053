// Archives and pickles written here, read by the readers of checkpoints; names made into identifiers.
#include <gtest/gtest.h>

#include <span>

#include "model/pt/pickle.h"
#include "model/pt/tensors.h"
#include "model/pt/zip.h"
#include "model/torchscript/identifiers.h"
#include "model/torchscript/pickle_writer.h"
#include "model/torchscript/zip_writer.h"
#include "support/test_graphs.h"

namespace saker::torchscript {
namespace {

FileBytes bytes_of(const std::string& text) {
  const auto owner = std::make_shared<std::string>(text);
  return {{owner, reinterpret_cast<std::byte*>(owner->data())}, owner->size()};
}

TEST(TorchScriptZip, IsReadBackAndAligned) {
  ZipWriter zip;
  const std::string numbers(1000, 'n');
  ASSERT_TRUE(zip.add("saker/data.pkl", "pickle").ok());
  ASSERT_TRUE(zip.add("saker/data/0", numbers).ok());
  ASSERT_TRUE(zip.add("saker/empty", "").ok());
  const auto file = std::move(zip).finish();
  ASSERT_TRUE(file.ok());
  for (const char* data : {"pickle", numbers.c_str()}) EXPECT_EQ(file->find(data) % 64, 0U) << data;
  const auto archive = pt::ZipArchive::open(bytes_of(*file));
  ASSERT_TRUE(archive.ok()) << archive.error().message;
  Budget budget(file->size());
  const auto read = archive->read("saker/data/0", SIZE_MAX, budget);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(read->data.get()), read->size), numbers);
  EXPECT_TRUE(archive->read("saker/empty", SIZE_MAX, budget).ok());
}

// No byte of it is read: the size alone is too much.
TEST(TorchScriptZip, FilesThatAreTooLargeAreRefusedByName) {
  ZipWriter zip;
  const Status status = zip.add("saker/data/7", std::string_view("x", std::size_t{1} << 32));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kLimit);
  EXPECT_NE(status.error().message.find("'saker/data/7'"), std::string::npos);
}

TEST(TorchScriptPickle, IsReadBack) {
  ObjectPickle object("__torch__.saker", "Net");
  const Tensor weights = make_tensor({2, 3}, {1, 2, 3, 4, 5, 6});
  object.add("w_a", weights, "FloatStorage", "0");
  object.add("training", false);
  const std::string file = std::move(object).finish();
  std::size_t used = 0;
  const auto pickle = pt::read_pickle(std::as_bytes(std::span(file)), used);
  ASSERT_TRUE(pickle.ok()) << pickle.error().message;
  EXPECT_EQ(used, file.size());
  EXPECT_EQ(pickle->root.text(), "__torch__.saker.Net");
  const pt::Value* state = pickle->root.state();
  ASSERT_NE(state, nullptr);
  EXPECT_EQ(state->find("training")->kind, pt::Kind::kBool);
  EXPECT_FALSE(state->find("training")->is_true());
  const pt::TensorRecord* record = pickle->tensor_of(*state->find("w_a"));
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->shape, (Shape{2, 3}));
  EXPECT_EQ(record->strides, (Shape{3, 1}));
  EXPECT_EQ(pickle->storages[record->storage].elements, 6);
  EXPECT_EQ(pickle->storages[record->storage].key, "0");
  const std::string empty = empty_tuple_pickle();
  const auto constants = pt::read_pickle(std::as_bytes(std::span(empty)), used);
  ASSERT_TRUE(constants.ok());
  EXPECT_EQ(constants->root.kind, pt::Kind::kTuple);
}

TEST(TorchScriptPickle, StoragesHaveTheNamesThatAreRead) {
  for (const DType dtype : {DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kFloat64, DType::kInt8,
                            DType::kUint8, DType::kInt16, DType::kInt32, DType::kInt64, DType::kBool})
    EXPECT_EQ(*pt::dtype_named(std::string(pt::storage_of(dtype))), dtype) << dtype_name(dtype);
  EXPECT_EQ(pt::storage_of(DType::kUint32), "");
}

TEST(Identifiers, AreHarmlessAndUnique) {
  Identifiers names("v_");
  EXPECT_EQ(names.make("model.0.Conv/W"), "v_model_0_conv_w");
  EXPECT_EQ(names.make("model_0_conv_w"), "v_model_0_conv_w_1");
  EXPECT_EQ(names.make("model_0_conv_w_1"), "v_model_0_conv_w_1_1");
  EXPECT_EQ(names.make("if"), "v_if");
  EXPECT_EQ(names.make(""), "v_");
  EXPECT_LT(names.make(std::string(100'000, 'a')).size(), 100U);
  for (const char* hostile : {"x)\n    import os\n", "\"\"\"", "a = b; c", "\xff\xfe", "é", "#", "\\"}) {
    for (const char c : names.make(hostile))
      EXPECT_TRUE(c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) << hostile;
  }
}

}  // namespace
}  // namespace saker::torchscript
