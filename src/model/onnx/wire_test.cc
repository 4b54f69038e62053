// The protobuf reader: every kind of field, and everything that can be wrong with one.
#include "model/onnx/wire.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "support/proto_writer.h"

namespace saker::onnx {
namespace {

using test_support::ProtoWriter;

std::string error_of(const ProtoWriter& message) {
  WireReader reader(message.span());
  Field field;
  for (;;) {
    const auto more = reader.next(field);
    if (!more.ok()) return more.error().message;
    if (!*more) return "";
  }
}

// Points into the message, which must live on.
Field first_field(const ProtoWriter& message) {
  WireReader reader(message.span());
  Field field;
  EXPECT_TRUE(reader.next(field).ok());
  return field;
}

Field first_field(ProtoWriter&&) = delete;

std::vector<std::int64_t> integers(const ProtoWriter& message) {
  std::vector<std::int64_t> values;
  const auto put = [&](std::uint64_t value) { values.push_back(static_cast<std::int64_t>(value)); };
  EXPECT_TRUE(for_each_varint(first_field(message), put).ok());
  return values;
}

TEST(Wire, EveryKindOfField) {
  ProtoWriter message;
  message.varint(1, 300).fixed32(2, 1.5F).fixed64(3, 2.5).bytes(4, "text").varint(536870911, -1);
  WireReader reader(message.span());
  Field field;
  ASSERT_TRUE(*reader.next(field));
  EXPECT_EQ(field.number, 1U);
  EXPECT_EQ(field.as_int(), 300);
  ASSERT_TRUE(*reader.next(field));
  EXPECT_EQ(field.as_float(), 1.5F);
  ASSERT_TRUE(*reader.next(field));
  EXPECT_EQ(field.type, WireType::kFixed64);
  ASSERT_TRUE(*reader.next(field));
  EXPECT_EQ(field.as_text(), "text");
  ASSERT_TRUE(*reader.next(field));
  EXPECT_EQ(field.number, 536870911U);
  EXPECT_EQ(field.as_int(), -1);
  EXPECT_FALSE(*reader.next(field));
}

TEST(Wire, Truncated) {
  ProtoWriter whole;
  whole.varint(1, 1 << 20).fixed32(2, 1).fixed64(3, 1).bytes(4, "text");
  EXPECT_EQ(error_of(whole), "");
  const std::vector<std::size_t> ends = {0, 4, 9, 18, whole.text().size()};  // of the fields
  for (std::size_t size = 0; size < whole.text().size(); ++size) {
    const bool between_fields = std::find(ends.begin(), ends.end(), size) != ends.end();
    EXPECT_EQ(error_of(ProtoWriter().raw(whole.text().substr(0, size))).empty(), between_fields) << size;
  }
}

TEST(Wire, Malformed) {
  EXPECT_NE(error_of(ProtoWriter().raw(std::string(11, '\xff'))), "");            // an endless key
  EXPECT_NE(error_of(ProtoWriter().key(1, 0).raw(std::string(11, '\xff'))), "");  // an endless number
  EXPECT_NE(error_of(ProtoWriter().key(1, 2).number(UINT64_MAX)), "");            // longer than everything
  EXPECT_NE(error_of(ProtoWriter().key(1, 2).number(2).raw("x")), "");
  EXPECT_NE(error_of(ProtoWriter().key(0, 0).number(1)), "");           // field number 0
  EXPECT_NE(error_of(ProtoWriter().number(UINT64_MAX).number(1)), "");  // field number out of range
  for (const std::uint32_t type : {3U, 4U, 6U, 7U}) EXPECT_NE(error_of(ProtoWriter().key(1, type).number(1)), "");
}

TEST(Wire, IntegersPackedOrNot) {
  const std::vector<std::int64_t> list = {0, -1, 127, 128, INT64_MAX};
  EXPECT_EQ(integers(ProtoWriter().packed(7, list)), list);
  EXPECT_EQ(integers(ProtoWriter().varint(7, -5)), std::vector<std::int64_t>{-5});
  const ProtoWriter cut = ProtoWriter().bytes(7, "\x01\x80");
  EXPECT_FALSE(for_each_varint(first_field(cut), [](std::uint64_t) {}).ok());
  const ProtoWriter other_type = ProtoWriter().fixed32(7, 1);
  EXPECT_FALSE(for_each_varint(first_field(other_type), [](std::uint64_t) {}).ok());
}

TEST(Wire, FloatsPackedOrNot) {
  std::vector<float> values;
  const auto read = [&](const ProtoWriter& message) {
    return for_each_fixed<float>(first_field(message), [&](float value) { values.push_back(value); }).ok();
  };
  EXPECT_TRUE(read(ProtoWriter().fixed32(4, 1.5F)));
  const float list[] = {2.5F, -1.0F};
  EXPECT_TRUE(read(ProtoWriter().bytes(4, {reinterpret_cast<const char*>(list), sizeof(list)})));
  EXPECT_EQ(values, (std::vector<float>{1.5F, 2.5F, -1.0F}));
  EXPECT_FALSE(read(ProtoWriter().bytes(4, "12345")));
  EXPECT_FALSE(read(ProtoWriter().varint(4, 1)));
  EXPECT_FALSE(read(ProtoWriter().fixed64(4, 1)));
}

TEST(Wire, ExpectNamesTheField) {
  const ProtoWriter message = ProtoWriter().varint(7, 1);
  const Status status = expect(first_field(message), WireType::kLength, "a graph");
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("field 7 should hold a graph"), std::string::npos);
}

}  // namespace
}  // namespace saker::onnx
