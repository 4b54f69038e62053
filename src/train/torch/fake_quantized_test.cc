// Networks that are trained for 8 bits: against what they are exported as, and their gradients.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/thread_pool.h"
#include "passes/pipeline.h"
#include "passes/rewrite.h"
#include "quantize/trained.h"
#include "train/optimizer.h"
#include "train/torch/torch_fixture.h"
#include "train/train_fixture.h"

namespace saker::train {
namespace {

using KeepFloat = std::function<bool(const nets::Module&)>;

bool none(const nets::Module&) {
  return false;
}

// A network that has seen a few batches.
struct Rounded {
  explicit Rounded(nets::Network of, StoredScales scales, const NetOptions& options = {}, const KeepFloat& keep = none)
      : trained(std::move(of), options) {
    observed.scales = scales;
    auto made = FakeQuantization::create(trained.network, observed, keep);
    EXPECT_TRUE(made.ok()) << made.error().message;
    fake.emplace(std::move(*made));
    EXPECT_TRUE(trained.net->quantize(&*fake).ok());
    for (int i = 0; i < 3; ++i) loss_at(trained, noise(2, 64, 96), false);
    fake->observing = false;
  }

  // In floats, bound and through the passes that 8 bits want.
  Graph float_graph(const Shape& input) {
    trained.weights->write(trained.numbers);
    nets::GraphOptions wanted;
    wanted.maps_too = true;
    Graph graph = *nets::make_graph(trained.network, wanted);
    EXPECT_TRUE(bind_input_shapes(graph, std::vector<Shape>{input}).ok());
    PassOptions passes;
    passes.without = passes_against_trained();
    EXPECT_TRUE(run_passes(graph, portable_passes(), passes).ok());
    return graph;
  }

  // The plan's point that a value of such a graph is.
  std::map<ValueId, std::size_t> points_of(const Graph& graph) const {
    const auto trained_conv = [&](const Node& node) {
      return std::ranges::find(observed.convs, node.name) != observed.convs.end();
    };
    const Points points =
        find_points(graph, density_of(observed.scales), [&](const Node& node) { return !trained_conv(node); });
    const std::vector<std::string> names = point_names(graph, points);
    std::map<ValueId, std::size_t> result;
    for (std::size_t i = 0; i < names.size(); ++i) {
      for (std::size_t p = 0; p < fake->plan().points.size(); ++p) {
        if (fake->plan().points[p].name == names[i]) result.emplace(points.points[i].value, p);
      }
    }
    return result;
  }

  Trained trained;
  ObservedRanges observed;
  std::optional<FakeQuantization> fake;
};

struct Difference {
  double largest = 0, most = 0, middle = 0;  // the largest value; of differences
};
Difference difference(const std::vector<float>& values, const Tensor& expected) {
  Difference d;
  std::vector<double> off;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double wanted = double{expected.data<float>()[i]};
    d.largest = std::max(d.largest, std::abs(wanted));
    off.push_back(std::abs(double{values[i]} - wanted));
  }
  std::ranges::sort(off);
  d.most = off.back();
  d.middle = off[off.size() / 2];
  return d;
}

// What may become of differences on the way through the graph, channel by channel. A value that is stored moves by at
// most a step besides, a convolution's result by the sum of its weights times what its inputs moved by; SiLU's slope is
// below 1.1. Nothing else is in the tiny network's graph.
std::map<ValueId, std::vector<double>> bounds_of(const Graph& graph, const Rounded& rounded) {
  const std::map<ValueId, std::size_t> points = rounded.points_of(graph);
  std::map<ValueId, std::vector<double>> moved;
  const auto store = [&](ValueId id) {
    const auto point = points.find(id);
    if (point == points.end()) return;
    std::vector<double>& own = moved[id];
    own.resize(static_cast<std::size_t>(rounded.fake->plan().points[point->second].channels));
    for (std::size_t c = 0; c < own.size(); ++c)
      own[c] += double{rounded.fake->grid(point->second).scale_of(static_cast<std::int64_t>(c))};
  };
  store(graph.inputs[0]);
  for (const Node& node : graph.nodes) {
    if (node.op == Op::kSilu && moved.contains(node.inputs[0])) {
      std::vector<double> own = moved.at(node.inputs[0]);
      for (double& by : own) by *= 1.1;
      moved[node.outputs[0]] = own;
    } else if (node.op == Op::kConv && moved.contains(node.inputs[0])) {
      const std::vector<double>& in = moved.at(node.inputs[0]);
      const Tensor& w = *graph.value(node.inputs[1]).constant;
      const std::int64_t each = w.elements() / w.shape()[0], taps = w.shape()[2] * w.shape()[3];
      const std::int64_t per_group = w.shape()[0] / node.as<ConvAttrs>().group;
      std::vector<double> own(static_cast<std::size_t>(w.shape()[0]));
      for (std::int64_t i = 0; i < w.elements(); ++i) {
        const std::int64_t o = i / each, c = o / per_group * w.shape()[1] + i % each / taps;
        own[static_cast<std::size_t>(o)] += std::abs(double{w.data<float>()[i]}) * in[static_cast<std::size_t>(c)];
      }
      for (double& by : own) by *= 128.0 / 127;  // weights are rounded, too: by half a step of 127
      moved[node.outputs[0]] = own;
    }
    store(node.outputs[0]);
  }
  return moved;
}

// The maps of the network against those of the engine: within the bounds, and half of the values to `part` of the
// largest.
void expect_as_exported(Rounded& tiny, double part) {
  const Tensor pixels = noise(1, 64, 64);
  const auto maps = tiny.trained.net->forward(pixels, false);
  ASSERT_TRUE(maps.ok()) << maps.error().message;
  const Graph graph = tiny.float_graph({1, 3, 64, 64});
  const auto quantized = quantize_as_trained(graph, tiny.observed);
  ASSERT_TRUE(quantized.ok()) << quantized.error().message;
  const std::vector<Tensor> expected = maps_of(*quantized, pixels, {});
  ASSERT_EQ(maps->size(), expected.size());
  const auto bounds = bounds_of(graph, tiny);
  for (std::size_t m = 0; m < expected.size(); ++m) {
    const losses::MapView& map = (*maps)[m];
    const std::vector<float> values = values_of(map);
    const auto output = std::ranges::find_if(graph.outputs, [&](ValueId id) {
      return graph.value(id).name == "map" + std::to_string(m / 2) + "." + std::to_string(m % 2);
    });
    ASSERT_NE(output, graph.outputs.end());
    const Difference d = difference(values, expected[m]);
    EXPECT_LE(d.middle, part * d.largest) << "map " << m;
    const auto bound = bounds.find(*output);
    if (bound == bounds.end()) continue;  // nothing is stored before it
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto c = static_cast<std::size_t>(static_cast<std::int64_t>(i) / (map.height * map.width) % map.channels);
      ASSERT_NEAR(values[i], expected[m].data<float>()[i], bound->second[c] + 1e-5 * d.largest) << "map " << m;
    }
  }
}

class Scales : public testing::TestWithParam<StoredScales> {};

// Sums in another order move values past a half here and there, and each that moved moves others: after some layers
// nothing is left but the bound.
TEST_P(Scales, TheExportOfATinyNetworkIsWhatWasTrained) {
  Rounded tiny(tiny_network(), GetParam());
  expect_as_exported(tiny, 1);
}

// Of one layer in 8 bits most values are the same but for the order of sums.
TEST_P(Scales, EachLayerAloneIsExportedAsTrained) {
  const nets::Network names = tiny_network();
  const auto plan = plan_quantization(names, GetParam(), none);
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  for (const PlannedConv& conv : plan->convs) {
    SCOPED_TRACE(conv.conv->path);
    Rounded tiny(tiny_network(), GetParam(), {},
                 [&](const nets::Module& other) { return other.path != conv.conv->path; });
    EXPECT_EQ(tiny.observed.convs, std::vector<std::string>{conv.conv->path});
    expect_as_exported(tiny, 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Scales,
                         testing::Values(StoredScales::kChannel, StoredScales::kTensor, StoredScales::kEverywhere));

struct Case {
  const char* family;
  StoredScales scales;
};
void PrintTo(const Case& tested, std::ostream* to) {
  *to << tested.family;
}

class EightBits : public testing::TestWithParam<Case> {
 protected:
  static NetOptions options() {
    NetOptions net;
    if (std::string(GetParam().family).starts_with("yolox")) {
      net.bgr = true;
      net.pixel_scale = 1;
    }
    return net;
  }
};

// Nearer, on average, than the network is in floats. Rounding amplifies differences layer by layer, up to what it
// changes itself.
TEST_P(EightBits, AreExportedAsTrained) {
  Rounded rounded(Trained::made(GetParam().family), GetParam().scales, options());
  const Tensor pixels = noise(1, 64, 96);
  const auto run = [&] {
    std::vector<std::vector<float>> all;
    const auto maps = rounded.trained.net->forward(pixels, false);
    EXPECT_TRUE(maps.ok()) << maps.error().message;
    for (const losses::MapView& map : *maps) all.push_back(values_of(map));
    return all;
  };
  const std::vector<std::vector<float>> maps = run();
  ASSERT_TRUE(rounded.trained.net->quantize(nullptr).ok());
  const std::vector<std::vector<float>> in_float = run();
  const Graph graph = rounded.float_graph({1, 3, 64, 96});
  const auto quantized = quantize_as_trained(graph, rounded.observed);
  ASSERT_TRUE(quantized.ok()) << quantized.error().message;
  const std::vector<Tensor> expected = maps_of(*quantized, pixels, options());
  ASSERT_EQ(maps.size(), expected.size());
  double off = 0, by_rounding = 0;
  for (std::size_t m = 0; m < maps.size(); ++m) {
    ASSERT_EQ(static_cast<std::int64_t>(maps[m].size()), expected[m].elements());
    for (std::size_t i = 0; i < maps[m].size(); ++i) {
      off += std::abs(double{maps[m][i]} - double{expected[m].data<float>()[i]});
      by_rounding += std::abs(double{maps[m][i]} - double{in_float[m][i]});
    }
  }
  EXPECT_GT(by_rounding, 0);
  EXPECT_LT(off, by_rounding);
}

// Zero weights are zero bytes, and nothing is lost of the scales.
TEST_P(EightBits, KeepZerosAndScalesInTheFile) {
  Rounded rounded(Trained::made(GetParam().family), GetParam().scales, options());
  PortableRandom random(2);
  std::map<std::string, std::pair<Shape, std::vector<bool>>> zeros;  // by the convolution, row-major
  for (const WeightSlot& slot : rounded.trained.weights->slots()) {
    if (slot.kind != WeightKind::kWeight) continue;
    float* numbers = rounded.trained.numbers.data() + slot.offset;
    for (std::size_t i = 0; i < slot.count; ++i) numbers[i] = random.below(4) != 0 ? 0.0F : numbers[i];
    std::vector<float> rows(slot.count);
    Weights::to_rows(slot, numbers, rows.data());
    auto& [shape, own] = zeros[slot.module->path];
    shape = slot.shape;
    for (const float number : rows) own.push_back(number == 0);
  }
  ASSERT_TRUE(rounded.fake->begin_pass().ok());
  const Graph in_float = rounded.float_graph({1, 3, 64, 96});
  const std::map<ValueId, std::size_t> point_of = rounded.points_of(in_float);
  const Graph graph = *quantize_as_trained(in_float, rounded.observed);
  std::size_t compared = 0, points = 0;
  for (const Node& node : graph.nodes) {
    if (node.op == Op::kDequantizeLinear && graph.value(node.inputs[0]).constant) {
      const Tensor& bytes = *graph.value(node.inputs[0]).constant;
      const auto own = zeros.find(node.name.substr(0, node.name.find(".weights.dequantize")));
      if (own == zeros.end() || own->second.first != bytes.shape()) continue;
      for (std::size_t i = 0; i < own->second.second.size(); ++i) {
        if (own->second.second[i]) {
          ASSERT_EQ(bytes.data<std::int8_t>()[i], 0) << node.name;
        }
      }
      ++compared;
    }
    if (node.op != Op::kQuantizeLinear) continue;
    const auto point = point_of.find(node.inputs[0]);
    if (point == point_of.end()) continue;  // a gate
    EXPECT_EQ(*quantization_of(graph, node), rounded.fake->grid(point->second)) << graph.value(node.inputs[0]).name;
    ++points;
  }
  EXPECT_EQ(points, rounded.fake->plan().points.size());
  EXPECT_GE(compared + 2, rounded.fake->plan().convs.size());  // YOLOX's first has another kernel in the file
}

// Where nothing is rounded behind them differences are defined: along the biases of the last convolutions.
TEST_P(EightBits, GradientsOfTheLastBiasesAreWhatDifferencesSay) {
  Rounded rounded(Trained::made(GetParam().family), GetParam().scales, options());
  Trained& trained = rounded.trained;
  const Tensor pixels = noise(1, 64, 64);
  loss_at(trained, pixels, true);
  const std::vector<float> at = trained.numbers;
  std::vector<float> along(trained.gradients.size());
  double length = 0;
  for (const PlannedConv& conv : rounded.fake->plan().convs) {
    if (conv.norm != nullptr) continue;
    for (const WeightSlot& slot : trained.weights->slots()) {
      if (slot.module != conv.conv || slot.kind != WeightKind::kBias) continue;
      for (std::size_t i = slot.offset; i < slot.offset + slot.count; ++i) {
        along[i] = trained.gradients[i];
        length += double{along[i]} * double{along[i]};
      }
    }
  }
  length = std::sqrt(length);
  ASSERT_GT(length, 0);
  const auto moved = [&](double by) {
    for (std::size_t i = 0; i < along.size(); ++i)
      trained.numbers[i] = static_cast<float>(double{at[i]} + by * double{along[i]} / length);
    return loss_at(trained, pixels, false);
  };
  const double slope = (moved(0.1) - moved(-0.1)) / 0.2;
  EXPECT_NEAR(slope / length, 1, 1e-3);
}

INSTANTIATE_TEST_SUITE_P(All, EightBits,
                         testing::Values(Case{"yolov5n", StoredScales::kChannel},
                                         Case{"yolov8n", StoredScales::kChannel},
                                         Case{"yolo11n", StoredScales::kChannel},
                                         Case{"yolox-nano", StoredScales::kChannel},
                                         Case{"yolov8n", StoredScales::kEverywhere}),
                         [](const auto& tested) {
                           std::string name = tested.param.family;
                           std::erase(name, '-');
                           return name + std::to_string(static_cast<int>(tested.param.scales));
                         });

double cosine_with_floats(Rounded& tiny) {
  Trained& trained = tiny.trained;
  const auto gradients = [&](FakeQuantization* how) {
    std::ranges::fill(trained.gradients, 0.0F);
    EXPECT_TRUE(trained.net->quantize(how).ok());
    loss_at(trained, noise(2, 64, 64), true);
    return trained.gradients;
  };
  const std::vector<float> in_8_bits = gradients(&*tiny.fake), in_floats = gradients(nullptr);
  double product = 0, of_8_bits = 0, of_floats = 0;
  for (std::size_t i = 0; i < in_8_bits.size(); ++i) {
    const double a = double{in_8_bits[i]}, b = double{in_floats[i]};
    product += a * b;
    of_8_bits += a * a;
    of_floats += b * b;
  }
  return product / std::sqrt(of_8_bits * of_floats);
}

// Gradients pass through the rounding: they point where the float network's do.
TEST_P(Scales, GradientsAreNearThoseOfFloats) {
  Rounded whole(tiny_network(), GetParam());
  const double cosine = cosine_with_floats(whole);
  EXPECT_GT(cosine, 0.9);
  EXPECT_LT(cosine, 0.9999999);  // it is another arithmetic
  for (const char* only : {"model.0.conv", "model.2.conv", "model.5.cv3.1.2"}) {
    Rounded one(tiny_network(), GetParam(), {}, [&](const nets::Module& other) { return other.path != only; });
    EXPECT_GT(cosine_with_floats(one), 0.99) << only;
  }
}

// Behind the only rounding differences are defined: along all weights of the layers that follow.
TEST(FakeQuantized, GradientsBehindTheLastRoundingAreWhatDifferencesSay) {
  for (const bool frozen : {false, true}) {
    Rounded first(tiny_network(), StoredScales::kChannel, {},
                  [](const nets::Module& other) { return other.path != "model.0.conv"; });
    first.fake->norms_frozen = frozen;
    Trained& trained = first.trained;
    const Tensor pixels = noise(4, 64, 64);
    loss_at(trained, pixels, true);
    const std::vector<float> at = trained.numbers;
    std::vector<float> along(trained.gradients.size());
    double length = 0;
    for (const WeightSlot& slot : trained.weights->slots()) {
      if (slot.kind >= WeightKind::kFixed || slot.module->path.starts_with("model.0.")) continue;
      for (std::size_t i = slot.offset; i < slot.offset + slot.count; ++i) {
        along[i] = trained.gradients[i];
        length += double{along[i]} * double{along[i]};
      }
    }
    length = std::sqrt(length);
    ASSERT_GT(length, 0);
    const auto moved = [&](double by) {
      for (std::size_t i = 0; i < along.size(); ++i)
        trained.numbers[i] = static_cast<float>(double{at[i]} + by * double{along[i]} / length);
      return loss_at(trained, pixels, false);
    };
    const double slope = (moved(1e-3) - moved(-1e-3)) / 2e-3;
    EXPECT_NEAR(slope / length, 1, 0.02) << frozen;
  }
}

TEST(FakeQuantized, FrozenNormsKeepTheirMeans) {
  Rounded tiny(tiny_network(), StoredScales::kChannel);
  Trained& trained = tiny.trained;
  const auto [begin, end] = trained.weights->range(WeightKind::kBuffer);
  const auto means = [&, first = begin, last = end] {
    return std::vector<float>(trained.numbers.begin() + static_cast<std::ptrdiff_t>(first),
                              trained.numbers.begin() + static_cast<std::ptrdiff_t>(last));
  };
  const std::vector<float> before = means();
  tiny.fake->norms_frozen = true;
  ASSERT_TRUE(trained.net->forward(noise(2, 64, 64), true).ok());
  EXPECT_EQ(means(), before);
  tiny.fake->norms_frozen = false;
  ASSERT_TRUE(trained.net->forward(noise(2, 64, 64), true).ok());
  EXPECT_NE(means(), before);
}

TEST(FakeQuantized, RangesStopWhenNothingObservesThem) {
  Rounded tiny(tiny_network(), StoredScales::kChannel);
  const auto range = [&] { return tiny.observed.of_values.at("images").data<float>()[3]; };
  const float before = range();
  Tensor black = noise(1, 64, 64);
  std::fill_n(black.data<std::uint8_t>(), black.elements(), std::uint8_t{0});
  ASSERT_TRUE(tiny.trained.net->forward(black, true).ok());
  EXPECT_EQ(range(), before);
  tiny.fake->observing = true;
  ASSERT_TRUE(tiny.trained.net->forward(black, false).ok());  // nor outside of training
  EXPECT_EQ(range(), before);
  ASSERT_TRUE(tiny.trained.net->forward(black, true).ok());
  EXPECT_NE(range(), before);
}

}  // namespace
}  // namespace saker::train
