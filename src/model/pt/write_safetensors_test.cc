// Networks written as safetensors with their description, and read again.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <limits>

#include "model/pt/description.h"
#include "model/pt/facts.h"
#include "model/pt/safetensors.h"
#include "model/pt/write.h"
#include "model/python_repr.h"
#include "support/small_networks.h"

namespace saker::pt {
namespace {

using test_support::bytes_of;
using test_support::expect_same;
using test_support::small_ultralytics;

nets::Network read(const std::vector<std::byte>& file) {
  auto network = read_network(bytes_of(file));
  EXPECT_TRUE(network.ok()) << network.error().message;
  return network.ok() ? std::move(*network) : nets::Network();
}

// Every kind of attribute, paths that are not those of their places, a type without a package, numbers that only the
// shortest exact text keeps.
nets::Network odd_network() {
  nets::Network network = small_ultralytics();
  nets::Module& first = network.layers[0].module;
  first.path = "backbone.stem";
  first.class_path = first.type;
  first.attributes["flag"] = false;
  first.attributes["whole"] = std::numeric_limits<std::int64_t>::min();
  first.attributes["real"] = 0.1;
  first.attributes["whole as real"] = 3.0;
  first.attributes["tiny"] = std::numeric_limits<double>::denorm_min();
  first.attributes["text"] = std::string("a \"b\"\n\\ é");
  first.attributes["wholes"] = std::vector<std::int64_t>{1, -2};
  first.attributes["reals"] = std::vector<double>{1, 1e300, -0.0};
  first.attributes["none"] = std::vector<double>{};
  network.names = {"cat", "it's a \"dog\""};
  network.metadata["author"] = "\t";
  return network;
}

// Beside what was written stands what follows from it.
void expect_read(const std::vector<std::byte>& file, const nets::Network& written) {
  nets::Network expected = written;
  expected.metadata.merge(std::map<std::string, std::string>{{"task", "detect"}, {"batch", "1"}, {"stride", "4"}});
  expected.metadata["names"] = python_dict(written.names);
  expect_same(read(file), expected);
}

TEST(WriteSafetensors, ReadBackBitForBit) {
  for (const nets::Network& network : {small_ultralytics(), odd_network()}) {
    const auto file = write_safetensors(network, {});
    ASSERT_TRUE(file.ok()) << file.error().message;
    expect_read(*file, network);
    EXPECT_EQ(*write_safetensors(network, {}), *file);
  }
}

TEST(WriteSafetensors, RangesOfTrainingFor8Bits) {
  nets::Network network = small_ultralytics();
  EXPECT_FALSE(read(*write_safetensors(network, {})).observed);
  Tensor ranges = *Tensor::make(DType::kFloat32, {2, 3});
  std::memset(ranges.raw(), 5, ranges.bytes());
  network.observed = {StoredScales::kEverywhere, true, {"model.0.conv", "model.1.conv"}, {{"Add(images, a)", ranges}}};
  const auto file = write_safetensors(network, {});
  ASSERT_TRUE(file.ok()) << file.error().message;
  const nets::Network again = read(*file);
  ASSERT_TRUE(again.observed);
  EXPECT_EQ(again.observed->scales, StoredScales::kEverywhere);
  EXPECT_TRUE(again.observed->symmetric);
  EXPECT_EQ(again.observed->convs, network.observed->convs);
  ASSERT_EQ(again.observed->of_values.size(), 1U);
  const Tensor& kept = again.observed->of_values.at("Add(images, a)");
  EXPECT_EQ(kept.shape(), ranges.shape());
  EXPECT_EQ(std::memcmp(kept.raw(), ranges.raw(), ranges.bytes()), 0);
  EXPECT_EQ(checkpoint_facts(bytes_of(*file))->eight_bits,
            "2 convolutions, one scale a tensor, activations and sums included, symmetric");

  std::string broken(reinterpret_cast<const char*>(file->data()), file->size());
  broken.replace(broken.find("everywhere"), 4, "nowh");
  const auto* begin = reinterpret_cast<const std::byte*>(broken.data());
  const auto refused = read_network(bytes_of(std::vector<std::byte>(begin, begin + broken.size())));
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("'eight_bits' has other 'scales'"), std::string::npos)
      << refused.error().message;
}

TEST(WriteSafetensors, MoreTensorsAndMetadata) {
  const nets::Network network = small_ultralytics();
  const Tensor step = *Tensor::make(DType::kInt64, {});
  Tensor momentum = *Tensor::make(DType::kFloat32, {3}), flags = *Tensor::make(DType::kUint32, {2, 1});
  std::memset(momentum.raw(), 7, momentum.bytes());
  std::memset(flags.raw(), 9, flags.bytes());
  const auto file =
      write_safetensors(network, {{"epoch", "12"}, {"date", "2026-11-29"}, {"args.lr0", "0.01"}, {"more", "\xff!"}},
                        {{"momentum", momentum}, {"flags", flags}, {"model.0.conv.weight", step}});
  ASSERT_TRUE(file.ok()) << file.error().message;
  expect_read(*file, network);
  Budget budget(file->size());
  const auto opened = read_safetensors(bytes_of(*file), budget);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EXPECT_EQ(opened->metadata.at("more"), "\xef\xbf\xbd!");
  const Tensor& found = opened->weights.at("state.flags");
  EXPECT_EQ(found.dtype(), DType::kUint32);
  EXPECT_EQ(found.shape(), (Shape{2, 1}));
  EXPECT_EQ(std::memcmp(found.raw(), flags.raw(), flags.bytes()), 0);
  EXPECT_TRUE(opened->weights.contains("state.model.0.conv.weight"));
  const auto facts = checkpoint_facts(bytes_of(*file));
  ASSERT_TRUE(facts.ok()) << facts.error().message;
  EXPECT_EQ(facts->epoch, 12);
  EXPECT_EQ(facts->date, "2026-11-29");
  EXPECT_EQ(facts->family, "Ultralytics");
  EXPECT_EQ(facts->network, "yolov8-small");
  EXPECT_EQ(facts->training, (std::vector<std::pair<std::string, std::string>>{{"lr0", "0.01"}}));
}

TEST(WriteSafetensors, RefusesWhatCannotBeReadAgain) {
  nets::Network network = small_ultralytics();
  network.layers[1].module.path = network.layers[0].module.path;
  network.layers[1].module.children = network.layers[0].module.children;
  const auto twice = write_safetensors(network, {});
  ASSERT_FALSE(twice.ok());
  EXPECT_EQ(twice.error().message, "two weights are called 'model.0.conv.weight'");
  network = small_ultralytics();
  network.layers[0].module.attributes["e"] = std::numeric_limits<double>::infinity();
  const auto infinite = write_safetensors(network, {});
  ASSERT_FALSE(infinite.ok());
  EXPECT_NE(infinite.error().message.find("'e' is not finite"), std::string::npos);
  const auto large = write_safetensors(small_ultralytics(), {{"notes", std::string(kMaxHeader, 'x')}});
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().code, ErrorCode::kLimit);
  nets::Module deep = small_ultralytics().layers[0].module;
  for (int i = 0; i < 50; ++i) {
    nets::Module above;
    above.children.push_back(deep);
    deep = above;
  }
  network = small_ultralytics();
  network.layers[0].module = deep;
  EXPECT_EQ(write_safetensors(network, {}).error().code, ErrorCode::kLimit);
}

std::string error_of(const std::string& description, const Weights& weights = {}) {
  const auto network = described_network(description, weights);
  return network.ok() ? "" : network.error().message;
}

std::string described(const std::string& layers) {
  return R"({"version":1,"family":"YOLOX","name":"","classes":1,"strides":[8],"names":[],"metadata":{},"layers":)" +
         layers + "}";
}

std::string described_module(const std::string& more) {
  return described(R"([{"from":[-1],"module":{"name":"a","type":"Conv")" + more + "}}]");
}

TEST(Description, DamageIsNamed) {
  const auto mentions = [](const std::string& error, std::string_view part) {
    EXPECT_NE(error.find(part), std::string::npos) << error;
  };
  EXPECT_EQ(error_of(described_module("")), "");
  mentions(error_of("["), "no JSON object, from byte");
  mentions(error_of("[]"), "no JSON object");
  mentions(error_of("{}"), "'version' is missing");
  mentions(error_of(R"({"version":2})"), "of version 2, this saker reads 1");
  mentions(error_of(R"({"version":1})"), "'family', 'name'");
  mentions(error_of(described("[]")), "'layers' are missing");
  mentions(error_of(described("[7]")), "layer 0 does not say");
  mentions(error_of(described(R"([{"from":["x"],"module":{}}])")), "layer 0 does not say");
  mentions(error_of(described(R"([{"from":[-1],"module":{"name":"a"}}])")), "without 'name' or 'type'");
  mentions(error_of(described_module(R"(,"integers":{"k":1.5})")), "a (Conv) has an attribute of another type");
  mentions(error_of(described_module(R"(,"flags":[])")), "attribute of another type");
  mentions(error_of(described_module(R"(,"path":true)")), "'path' that is no text");
  mentions(error_of(described_module(R"(,"weights":["w"])")), "lacks the weight 'a.w'");
  mentions(error_of(described_module(R"(,"weights":7)")), "'weights' that are no list");
  mentions(error_of(described_module(R"(,"children":{})")), "'children' that are no list");
  mentions(error_of(described_module(R"(,"children":[{}])")), "a (Conv) has a module without");
}

TEST(Description, SizesAreBounded) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += R"(,"children":[{"name":"a","type":"b")";
  for (int i = 0; i < 100; ++i) deep += "}]";
  EXPECT_NE(error_of(described_module(deep)).find("too many modules within each other"), std::string::npos);
  std::string wide = R"(,"children":[{"name":"a","type":"b"})";
  for (int i = 0; i < 50'000; ++i) wide += R"(,{"name":"a","type":"b"})";
  EXPECT_NE(error_of(described_module(wide + "]")).find("too many modules within each other"), std::string::npos);
  std::string list = R"(,"integer_lists":{"a":[1)";
  for (int i = 0; i < 1000; ++i) list += ",1";
  EXPECT_NE(error_of(described_module(list + "]}")).find("attribute of another type"), std::string::npos);
  EXPECT_NE(error_of(std::string(1'000'000, '[')), "");
}

// A network read from elsewhere and given other classes: their names count.
TEST(Description, MetadataAreOfTheNetworkAsItIs) {
  nets::Network network = small_ultralytics();
  network.metadata = {{"names", "{0: 'old'}"}, {"imgsz", "[640, 640]"}, {"stride", "32"}};
  nets::Network found = read(*write_safetensors(network, {}));
  EXPECT_EQ(found.metadata.at("names"), python_dict(network.names));
  EXPECT_EQ(found.metadata.at("stride"), "4");
  EXPECT_EQ(found.metadata.at("imgsz"), "[640, 640]");
  found = read(*write_safetensors(network, {{"args.imgsz", "320"}}));
  EXPECT_EQ(found.metadata.at("imgsz"), "[320, 320]");
}

// A network whose parts contradict each other is refused by whoever makes the graph, never worse.
TEST(Description, OfNoDetector) {
  nets::Network network = small_ultralytics();
  network.classes = 0;
  auto error = read_network(bytes_of(*write_safetensors(network, {})));
  ASSERT_FALSE(error.ok());
  EXPECT_NE(error.error().message.find("how many classes"), std::string::npos);
  network = small_ultralytics();
  network.layers.back().module.children.clear();
  error = read_network(bytes_of(*write_safetensors(network, {})));
  ASSERT_FALSE(error.ok());
  EXPECT_NE(error.error().message.find("no detector of upright boxes"), std::string::npos);
}

TEST(WriteSafetensors, RealCheckpoint) {
  const auto network = test_support::real_network("yolov5n.pt");
  if (!network) GTEST_SKIP() << "needs the checkpoints of SAKER_ASSETS";
  const auto file = write_safetensors(*network, {});
  ASSERT_TRUE(file.ok()) << file.error().message;
  expect_same(read(*file), *network);
  EXPECT_EQ(network->name, "yolov5n");
}

}  // namespace
}  // namespace saker::pt
