// Archives and pickles written here, read by the readers of checkpoints.
#include <gtest/gtest.h>

#include <span>

#include "model/pt/pickle.h"
#include "model/pt/pickle_writer.h"
#include "model/pt/tensors.h"
#include "model/pt/zip.h"
#include "model/pt/zip_writer.h"
#include "support/test_graphs.h"

namespace saker::pt {
namespace {

FileBytes bytes_of(const std::string& text) {
  const auto owner = std::make_shared<std::string>(text);
  return {{owner, reinterpret_cast<std::byte*>(owner->data())}, owner->size()};
}

TEST(ZipWriter, IsReadBackAndAligned) {
  ZipWriter zip;
  const std::string numbers(1000, 'n');
  ASSERT_TRUE(zip.add("saker/data.pkl", "pickle").ok());
  ASSERT_TRUE(zip.add("saker/data/0", numbers).ok());
  ASSERT_TRUE(zip.add("saker/empty", "").ok());
  const auto file = std::move(zip).finish();
  ASSERT_TRUE(file.ok());
  for (const char* data : {"pickle", numbers.c_str()}) EXPECT_EQ(file->find(data) % 64, 0U) << data;
  const auto archive = ZipArchive::open(bytes_of(*file));
  ASSERT_TRUE(archive.ok()) << archive.error().message;
  Budget budget(file->size());
  const auto read = archive->read("saker/data/0", SIZE_MAX, budget);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(read->data.get()), read->size), numbers);
  EXPECT_TRUE(archive->read("saker/empty", SIZE_MAX, budget).ok());
}

// No byte of it is read: the size alone is too much.
TEST(ZipWriter, FilesThatAreTooLargeAreRefusedByName) {
  ZipWriter zip;
  const Status status = zip.add("saker/data/7", std::string_view("x", std::size_t{1} << 32));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kLimit);
  EXPECT_NE(status.error().message.find("'saker/data/7'"), std::string::npos);
}

Pickle read_back(const std::string& file) {
  std::size_t used = 0;
  auto pickle = read_pickle(std::as_bytes(std::span(file)), used);
  EXPECT_TRUE(pickle.ok()) << pickle.error().message;
  EXPECT_EQ(used, file.size());
  return pickle.ok() ? std::move(*pickle) : Pickle();
}

TEST(PickleWriter, ObjectsAndTensors) {
  for (const bool remembers : {false, true}) {
    PickleWriter writer(remembers);
    const Tensor weights = make_tensor({2, 3}, {1, 2, 3, 4, 5, 6});
    writer.begin_object("__torch__.saker.Net");
    writer.put("w_a");
    writer.put_tensor(weights, "FloatStorage", "0");
    writer.put("w_b");
    writer.put_parameter(weights, "FloatStorage", "1");
    writer.put("training");
    writer.put(false);
    writer.end_object();
    const Pickle pickle = read_back(std::move(writer).finish());
    EXPECT_EQ(pickle.root.text(), "__torch__.saker.Net");
    const Value* state = pickle.root.state();
    ASSERT_NE(state, nullptr);
    EXPECT_EQ(state->find("training")->kind, Kind::kBool);
    EXPECT_FALSE(state->find("training")->is_true());
    for (const auto& [name, key] : {std::pair("w_a", "0"), {"w_b", "1"}}) {
      const TensorRecord* record = pickle.tensor_of(*state->find(name));
      ASSERT_NE(record, nullptr);
      EXPECT_EQ(record->shape, (Shape{2, 3}));
      EXPECT_EQ(record->strides, (Shape{3, 1}));
      EXPECT_EQ(pickle.storages[record->storage].elements, 6);
      EXPECT_EQ(pickle.storages[record->storage].key, key);
    }
  }
}

TEST(PickleWriter, Values) {
  for (const bool remembers : {false, true}) {
    PickleWriter writer(remembers);
    writer.begin_ordered_dict();
    for (const char* key : {"a", "b"}) {
      writer.put(key);
      writer.begin_list();
      writer.put_none();
      writer.put(std::int64_t{1} << 40);
      writer.put(std::int64_t{-3});
      writer.put(-0.1);
      writer.put("a");
      writer.put_tuple({});
      writer.put_list({1, 2});
      writer.put_empty_set();
      writer.end_list();
    }
    writer.end_ordered_dict();
    const Pickle pickle = read_back(std::move(writer).finish());
    for (const char* key : {"a", "b"}) {
      const Value* found = pickle.root.find(key);
      ASSERT_NE(found, nullptr);
      const std::vector<Value>& items = found->items();
      ASSERT_EQ(items.size(), 8U);
      EXPECT_EQ(items[0].kind, Kind::kNone);
      EXPECT_EQ(items[1].integer(0), std::int64_t{1} << 40);
      EXPECT_EQ(items[2].integer(0), -3);
      EXPECT_EQ(items[3].number(0), -0.1);
      EXPECT_EQ(items[4].text(), "a");
      EXPECT_EQ(items[5].kind, Kind::kTuple);
      ASSERT_EQ(items[6].items().size(), 2U);
      EXPECT_EQ(items[6].items()[1].integer(0), 2);
      EXPECT_EQ(items[7].kind, Kind::kSet);
    }
  }
}

TEST(PickleWriter, TheSameObjectAgain) {
  PickleWriter writer(true);
  writer.begin_list();
  writer.begin_object("a.B");
  writer.end_object();
  const std::size_t object = writer.remember();
  writer.put_again(object);
  writer.end_list();
  const Pickle pickle = read_back(std::move(writer).finish());
  ASSERT_EQ(pickle.root.items().size(), 2U);
  EXPECT_EQ(pickle.root.items()[0].container, pickle.root.items()[1].container);
}

TEST(PickleWriter, StoragesHaveTheNamesThatAreRead) {
  for (const DType dtype : {DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kFloat64, DType::kInt8,
                            DType::kUint8, DType::kInt16, DType::kInt32, DType::kInt64, DType::kBool})
    EXPECT_EQ(*dtype_named(std::string(storage_of(dtype))), dtype) << dtype_name(dtype);
  EXPECT_EQ(storage_of(DType::kUint32), "");
}

}  // namespace
}  // namespace saker::pt
