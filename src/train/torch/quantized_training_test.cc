// QuantizationModifier in whole trainings of the tiny network.
#include <algorithm>

#include "exports/export.h"
#include "model/pt/import.h"
#include "quantize/trained.h"
#include "recipe/recipe.h"
#include "train/modifiers/modifier.h"
#include "train/trainer_fixture.h"

namespace saker::train {
namespace {

constexpr const char* kRecipe = R"(
modifiers:
  - !EpochRangeModifier {start_epoch: 0, end_epoch: 4}
  - !ConstantPruningModifier {start_epoch: 0, params: __ALL_PRUNABLE__}
  - !QuantizationModifier
      start_epoch: 1.5
      disable_quantization_observer_epoch: 3
      freeze_bn_stats_epoch: 2.5
      ignore: ['model.5.cv2.0', 'SiLU', 'model.0.bn']
)";

class QuantizedTraining : public TrainerTest {
 protected:
  static TrainModifiers modifiers(const std::string& text) {
    auto recipe = recipe::parse_recipe(text, "q.yaml", {});
    EXPECT_TRUE(recipe.ok()) << recipe.error().message;
    auto made = make_modifiers(*recipe);
    EXPECT_TRUE(made.ok()) << made.error().message;
    return std::move(*made);
  }

  Result<TrainOutcome> run(nets::Network& network, const TrainOptions& wanted, const std::string& text,
                           const TrainHooks& hooks = {}, const SavedState* resumed = nullptr) {
    const TrainModifiers made = modifiers(text);
    const Dataset* validation = wanted.validate ? &data_ : nullptr;
    return train(network, data_, validation, wanted, make_torch_net, hooks, resumed, made);
  }

  TrainOptions half(const std::string& name) {
    TrainOptions wanted = options(name, 4);
    wanted.bfloat16 = true;  // it ends where 8 bits begin
    wanted.validate = false;
    return wanted;
  }

  // Some weights are zero, which the recipe keeps.
  static nets::Network sparse() {
    nets::Network network = tiny_network();
    for (const nets::NamedWeight& weight : nets::named_weights(network)) {
      Tensor& tensor = weight.module->weights.at(weight.of_module);
      if (tensor.shape().size() != 4) continue;
      for (std::int64_t i = 0; i < tensor.elements(); i += 2) tensor.data<float>()[i] = 0;
    }
    return network;
  }
};

std::map<std::string, std::vector<std::byte>> ranges_in_file(const std::string& folder) {
  std::map<std::string, std::vector<std::byte>> bytes;
  auto saved = read_state(folder + "/weights/last.safetensors");
  EXPECT_TRUE(saved.ok() && saved->network.observed) << folder;
  if (!saved.ok() || !saved->network.observed) return bytes;
  for (const auto& [name, tensor] : saved->network.observed->of_values) {
    const auto* begin = static_cast<const std::byte*>(tensor.raw());
    bytes[name].assign(begin, begin + tensor.bytes());
  }
  return bytes;
}

nets::Network network_in(const std::string& path) {
  auto file = read_named_file(path, std::size_t{1} << 24);
  EXPECT_TRUE(file.ok());
  auto network = pt::read_network(*file);
  EXPECT_TRUE(network.ok()) << network.error().message;
  return std::move(*network);
}

TEST_F(QuantizedTraining, GoesOnBitForBitWhereverItStopped) {
  nets::Network whole = sparse();
  const TrainOptions in_one = half("whole");
  const auto done = run(whole, in_one, kRecipe);
  ASSERT_TRUE(done.ok()) << done.error().message;
  ASSERT_TRUE(whole.observed);
  const auto expected = tensors_of(in_one.folder);
  const auto ranges = ranges_in_file(in_one.folder);
  EXPECT_FALSE(ranges.empty());
  // Before 8 bits begin, in the epoch in which they do, and after everything is frozen.
  for (const int stop_after : {3, 7, 10}) {
    SCOPED_TRACE(stop_after);
    nets::Network begun = sparse();
    const TrainOptions in_two = half("parts" + std::to_string(stop_after));
    int batches = 0;
    TrainHooks hooks;
    hooks.batch = [&](const BatchDone&) { ++batches; };
    hooks.stop = [&] { return batches == stop_after; };
    const auto stopped = run(begun, in_two, kRecipe, hooks);
    ASSERT_TRUE(stopped.ok()) << stopped.error().message;
    ASSERT_TRUE(stopped->stopped);
    auto saved = read_state(in_two.folder + "/weights/last.safetensors");
    ASSERT_TRUE(saved.ok()) << saved.error().message;
    EXPECT_EQ(saved->network.observed.has_value(), stop_after > 5);  // of three batches an epoch
    const auto resumed = run(saved->network, in_two, kRecipe, {}, &*saved);
    ASSERT_TRUE(resumed.ok()) << resumed.error().message;
    EXPECT_EQ(tensors_of(in_two.folder), expected);
    EXPECT_EQ(ranges_in_file(in_two.folder), ranges);
  }
}

TEST_F(QuantizedTraining, LeavesANetworkThatIsExportedIn8BitsWithItsZeros) {
  nets::Network network = sparse();
  TrainOptions wanted = half("run");
  wanted.validate = true;
  ASSERT_TRUE(run(network, wanted, kRecipe).ok());
  const nets::Network before = sparse(), best = network_in(wanted.folder + "/weights/best.safetensors");
  ASSERT_TRUE(best.observed);                           // epochs of floats are no best ones
  EXPECT_EQ(best.observed->convs.size(), 5U + 18 - 3);  // 18 in the head, of which three are left alone
  for (const std::string& conv : best.observed->convs) EXPECT_FALSE(conv.starts_with("model.5.cv2.0")) << conv;

  constexpr std::array kOnnx = {ExportFormat::kOnnx};
  ExportOptions size;
  size.height = size.width = 64;
  const auto exported = export_model(wanted.folder + "/weights/best.safetensors", kOnnx, size);
  ASSERT_TRUE(exported.ok()) << exported.error().message;
  EXPECT_TRUE(exported->front().eight_bits);
  const std::string path = (folder_ / "q.onnx").string();
  ASSERT_TRUE(write_files(exported->front(), path).ok());
  const auto read = read_model(path, {});
  ASSERT_TRUE(read.ok()) << read.error().message;
  std::int64_t zeros = 0, all = 0;
  for (const Node& node : read->imported.graph.nodes) {
    if (node.op != Op::kDequantizeLinear) continue;
    const std::optional<Tensor>& weights = read->imported.graph.value(node.inputs[0]).constant;
    if (!weights || weights->dtype() != DType::kInt8) continue;
    const std::int8_t* bytes = weights->data<std::int8_t>();
    all += weights->elements();
    zeros += std::count(bytes, bytes + weights->elements(), 0);
  }
  EXPECT_GT(all, 0);
  EXPECT_GE(zeros * 2, all);
  for (const bool dynamic : {true, false}) {
    ExportOptions refused = size;
    (dynamic ? refused.dynamic : refused.half) = true;
    const auto no = export_model(wanted.folder + "/weights/best.safetensors", kOnnx, refused);
    ASSERT_FALSE(no.ok());
    EXPECT_NE(no.error().message.find("8 bits"), std::string::npos) << no.error().message;
  }
}

TEST_F(QuantizedTraining, IsNotDoneTwice) {
  nets::Network network = sparse();
  ASSERT_TRUE(run(network, half("once"), kRecipe).ok());
  const auto again = run(network, half("again"), kRecipe);
  ASSERT_FALSE(again.ok());
  EXPECT_NE(again.error().message.find("already"), std::string::npos) << again.error().message;
  EXPECT_NE(again.error().message.find("q.yaml, line 5"), std::string::npos) << again.error().message;
  // Without the modifier it is trained in floats, and no more for 8 bits.
  ASSERT_TRUE(
      run(network, half("floats"), "modifiers:\n  - !EpochRangeModifier {start_epoch: 0, end_epoch: 4}\n").ok());
  EXPECT_FALSE(network.observed);
  EXPECT_FALSE(network_in((folder_ / "floats/weights/last.safetensors").string()).observed);
}

TEST_F(QuantizedTraining, SaysWhatTheNetworkDoesNotHave) {
  const auto refused = [&](const std::string& field, const std::string& message) {
    nets::Network network = sparse();
    const auto outcome =
        run(network, half("no"), "modifiers:\n  - !QuantizationModifier {start_epoch: 0, " + field + "}\n");
    ASSERT_FALSE(outcome.ok()) << field;
    EXPECT_NE(outcome.error().message.find("q.yaml, line 2"), std::string::npos) << outcome.error().message;
    EXPECT_NE(outcome.error().message.find(message), std::string::npos) << outcome.error().message;
    EXPECT_FALSE(fs::exists(folder_ / "no" / "weights"));
  };
  refused("submodules: [model.7]", "model.7");
  refused("ignore: ['re:head.*']", "re:head");
  refused("ignore: ['re:model']", "no convolution");
  refused("weight_bits: 4", "4 bits");
}

}  // namespace
}  // namespace saker::train
