// Pickles: what they make, and what is refused.
#include "model/pt/pickle.h"

#include <gtest/gtest.h>

#include "support/pt_writer.h"

namespace saker::pt {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the writers of pickles

Result<Pickle> read(const std::string& file, const PickleLimits& limits = {}) {
  std::size_t used = 0;
  return read_pickle(std::as_bytes(std::span(file)), used, limits);
}

std::string error_of(const std::string& file, const PickleLimits& limits = {}) {
  const auto pickle = read(file, limits);
  return pickle.ok() ? "" : pickle.error().message;
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Pickle, PlainValues) {
  const auto pickle = read(py_file(py_dict({{"none", py_none()},
                                            {"yes", py_bool(true)},
                                            {"whole", py_int(-7)},
                                            {"real", py_float(0.25)},
                                            {"list", py_list({py_int(1), py_text("two")})},
                                            {"long", std::string("\x8a\x02\x00\xff", 4)}})));
  ASSERT_TRUE(pickle.ok()) << pickle.error().message;
  const Value& root = pickle->root;
  EXPECT_EQ(root.find("none")->kind, Kind::kNone);
  EXPECT_TRUE(root.find("yes")->is_true());
  EXPECT_EQ(root.find("whole")->integer(0), -7);
  EXPECT_EQ(root.find("real")->number(0), 0.25);
  EXPECT_EQ(root.find("list")->items()[1].text(), "two");
  EXPECT_EQ(root.find("long")->integer(0), -256);
  EXPECT_EQ(root.find("other"), nullptr);
}

TEST(Pickle, ObjectsAreRecords) {
  const auto pickle = read(py_file(py_object("some.where", "Thing", {{"size", py_int(3)}})));
  ASSERT_TRUE(pickle.ok()) << pickle.error().message;
  EXPECT_EQ(pickle->root.text(), "some.where.Thing");
  EXPECT_EQ(pickle->root.state()->find("size")->integer(0), 3);
}

TEST(Pickle, TensorsOfSharedStorages) {
  CheckpointWriter writer;
  const Pickled tensor = writer.tensor("HalfStorage", std::string(12, '\0'), 6, 2, {2, 2}, {1, 2});
  const auto pickle = read(py_file(py_call(py_global("torch._utils", "_rebuild_parameter"), {tensor, py_bool(true)})));
  ASSERT_TRUE(pickle.ok()) << pickle.error().message;
  const TensorRecord* record = pickle->tensor_of(pickle->root);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->offset, 2);
  EXPECT_EQ(record->shape, (std::vector<std::int64_t>{2, 2}));
  EXPECT_EQ(record->strides, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(pickle->storages[record->storage].dtype, "HalfStorage");
}

// An object that is its own part: its memo entry is read before it is built.
TEST(Pickle, MayGoInCircles) {
  const std::string cycle = "\x80\x02" + py_global("m", "C") + ")\x81q" + std::string(1, '\0') + "}" + py_text("me") +
                            "h" + std::string(1, '\0') + "sb.";
  const auto pickle = read(cycle);
  ASSERT_TRUE(pickle.ok()) << pickle.error().message;
  EXPECT_EQ(pickle->root.state()->find("me")->container, pickle->root.container);
}

TEST(Pickle, CallsNothing) {
  for (const auto& [module, name] : {std::pair("os", "system"),
                                     {"posix", "system"},
                                     {"builtins", "eval"},
                                     {"__builtin__", "eval"},
                                     {"torch", "load"},
                                     {"subprocess", "Popen"}}) {
    const std::string error = error_of(py_file(py_call(py_global(module, name), {py_text("id")})));
    EXPECT_TRUE(mentions(error, std::string("it calls ") + module + "." + name)) << error;
    EXPECT_TRUE(mentions(error, "at byte ")) << error;
  }
  EXPECT_TRUE(mentions(error_of(py_file(py_call(py_text("os.system"), {}))), "no function by name"));
  // A class of that name is a record like any other: nothing is looked up.
  EXPECT_EQ(error_of(py_file(py_object("os", "system", {}))), "");
}

TEST(Pickle, OpcodesOutOfPlace) {
  EXPECT_TRUE(mentions(error_of(""), "cut off"));
  EXPECT_TRUE(mentions(error_of("\x80\x02"), "cut off"));
  EXPECT_TRUE(mentions(error_of("\x80\x02."), "more values than there are"));
  EXPECT_TRUE(mentions(error_of("\x80\x02t."), "a mark is missing"));
  EXPECT_TRUE(mentions(error_of("\x80\x02(."), "more values than there are"));
  EXPECT_TRUE(mentions(error_of("\x80\x02Na."), "the list to append to is missing"));
  EXPECT_TRUE(mentions(error_of(std::string("\x80\x02h\x05.", 5)), "nothing was remembered as 5"));
  EXPECT_TRUE(mentions(error_of("\x80\x04N."), "protocol 4"));
  EXPECT_TRUE(mentions(error_of("\x80\x02i"), "opcode 0x69"));  // INST
  EXPECT_TRUE(mentions(error_of("\x80\x02}(Nu."), "a key has no value"));
  EXPECT_TRUE(mentions(error_of("\x80\x02X\xff\xff\xff\x7f."), "larger than any checkpoint's"));
  EXPECT_TRUE(mentions(error_of(py_file(py_int(1) + "Q")), "something else than a storage"));
  EXPECT_TRUE(mentions(error_of(py_file("c" + std::string(2000, 'x') + "\n")), "a name has no end"));
}

TEST(Pickle, BombsEndAtALimit) {
  const PickleLimits limits{.values = 1000, .text_bytes = 1000, .depth = 100};
  EXPECT_TRUE(mentions(error_of("\x80\x02" + std::string(2000, ']'), limits), "number of values"));
  EXPECT_TRUE(mentions(error_of("\x80\x02" + std::string(2000, '('), limits), "stack"));
  std::string copies = "\x80\x02(" + std::string(100, 'N') + "t" + "q" + std::string(1, '\0');
  for (int i = 0; i < 20; ++i) copies += py_global("torch", "Size") + "h" + std::string(1, '\0') + "\x85R";
  EXPECT_TRUE(mentions(error_of(copies, limits), "number of values"));
}

}  // namespace
}  // namespace saker::pt
