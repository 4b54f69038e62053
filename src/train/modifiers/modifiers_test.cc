#include "train/modifiers/modifier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <set>

#include "recipe/recipes_fixture.h"
#include "train/modifiers/masks.h"
#include "train/one_shot.h"
#include "train/trainer_fixture.h"

namespace saker::train {
namespace {

// Looks at the training behind all modifiers.
class Watcher final : public TrainModifier {
 public:
  using Look = std::function<void(const TrainParts&, double epoch, std::int64_t step)>;
  explicit Watcher(Look look) : look_(std::move(look)) {}
  Status before_batch(const TrainParts&, double epoch) override {
    epoch_ = epoch;
    return {};
  }
  Status after_step(const TrainParts& parts) override {
    look_(parts, epoch_, ++step_);
    return {};
  }

 private:
  Look look_;
  double epoch_ = 0;
  std::int64_t step_ = 0;
};

recipe::Recipe recipe_of(const std::string& modifiers) {
  auto recipe = recipe::parse_recipe("modifiers:\n" + modifiers, "r.yaml", {});
  EXPECT_TRUE(recipe.ok()) << recipe.error().message;
  return recipe ? *recipe : recipe::Recipe();
}

TrainModifiers made(const recipe::Recipe& recipe) {
  auto modifiers = make_modifiers(recipe);
  EXPECT_TRUE(modifiers.ok()) << modifiers.error().message;
  return modifiers ? std::move(*modifiers) : TrainModifiers();
}

class ModifiersTest : public TrainerTest {
 protected:
  // Trains with the recipe, and tells `look` of every step.
  TrainOutcome run(const std::string& modifiers, const TrainOptions& options, const Watcher::Look& look,
                   const TrainHooks& hooks = {}, const SavedState* resumed = nullptr) {
    TrainModifiers all = made(recipe_of(modifiers));
    if (look) all.push_back(std::make_unique<Watcher>(look));
    network_ = resumed != nullptr ? resumed->network : tiny_network();
    auto outcome = train(network_, data_, nullptr, options, fake(), hooks, resumed, all);
    EXPECT_TRUE(outcome.ok()) << outcome.error().message;
    return outcome ? std::move(*outcome) : TrainOutcome();
  }

  TrainOptions stepping(const std::string& run, std::int64_t epochs) {
    TrainOptions options = this->options(run, epochs);
    options.schedule.nominal_batch = 4;  // each batch is a step: three an epoch
    return options;
  }

  std::string message_of(const recipe::Recipe& recipe) {
    nets::Network network = tiny_network();
    const Weights weights(network, [](const std::string&) { return false; });
    const Status status = check_modifiers(recipe, made(recipe), weights);
    EXPECT_FALSE(status.ok());
    return status.ok() ? "" : status.error().message;
  }

  nets::Network network_;
};

// 1 where one of the first `count` numbers is zero, of either sign.
std::vector<char> zeros_of(std::span<const float> numbers, std::size_t count) {
  std::vector<char> zeros(count);
  for (std::size_t i = 0; i < count; ++i) zeros[i] = std::bit_cast<std::uint32_t>(numbers[i]) << 1 == 0;
  return zeros;
}

// Of the numbers of `slot`.
double zeros_in(const WeightSlot& slot, std::span<const float> numbers) {
  const auto part = numbers.subspan(slot.offset, slot.count);
  return static_cast<double>(std::ranges::count(part, 0.0F)) / static_cast<double>(slot.count);
}

const WeightSlot& slot_named(const Weights& weights, const std::string& name) {
  return *std::ranges::find(weights.slots(), name, &WeightSlot::name);
}

TEST_F(ModifiersTest, MasksHoldExactlyForAThousandSteps) {
  const std::string recipe =
      "  - !GMPruningModifier\n    params: __ALL_PRUNABLE__\n    init_sparsity: 0.05\n    final_sparsity: 0.75\n"
      "    start_epoch: 0\n    end_epoch: 4\n    update_frequency: 0.5\n";
  for (const OptimizerChoice choice : {OptimizerChoice::kSgd, OptimizerChoice::kAdamW}) {
    TrainOptions options = this->options(choice == OptimizerChoice::kSgd ? "sgd" : "adamw", 105);
    options.batch = 1;
    options.schedule.nominal_batch = 1;  // ten steps an epoch
    options.optimizer = choice;
    options.schedule.lr0 = 0.01;
    std::vector<char> masked;
    std::vector<float> before;
    std::int64_t counted = 0, moved = 0;
    run(recipe, options, [&](const TrainParts& parts, double epoch, std::int64_t) {
      const std::size_t trained = parts.weights.range(WeightKind::kWeight).second;
      if (epoch < 4) return;
      if (masked.empty()) masked = zeros_of(parts.numbers, trained);
      ++counted;
      for (const auto numbers : {parts.numbers, parts.average, parts.optimizer.first()}) {
        const std::vector<char> zeros = zeros_of(numbers, trained);
        ASSERT_TRUE(std::ranges::equal(masked, zeros, [](char m, char z) { return m == 0 || z != 0; })) << epoch;
      }
      ASSERT_EQ(zeros_of(parts.numbers, trained), masked);
      moved += before.empty() || !std::ranges::equal(before, parts.numbers) ? 1 : 0;
      before.assign(parts.numbers.begin(), parts.numbers.end());
    });
    EXPECT_GE(counted, 1000);
    EXPECT_GT(moved, 900);
    // The file has them, too.
    const auto saved = read_state(options.folder + "/weights/last.safetensors");
    ASSERT_TRUE(saved.ok()) << saved.error().message;
    nets::Network kept = saved->network;
    const Weights weights(kept, [](const std::string&) { return false; });
    std::vector<float> numbers(weights.size());
    weights.read(numbers);
    for (const WeightSlot& slot : weights.slots()) {
      if (!is_prunable(slot)) continue;  // between slots there is nothing
      for (std::size_t i = slot.offset; i < slot.offset + slot.count; ++i) ASSERT_EQ(numbers[i] == 0, masked[i] != 0);
      EXPECT_NEAR(zeros_in(slot, numbers), 0.75, 0.5 / static_cast<double>(slot.count) + 1e-9);
    }
  }
}

TEST_F(ModifiersTest, SparsityGrowsByItsCurve) {
  std::map<int, double> seen;  // by epoch
  run("  - !GMPruningModifier\n    params: [model.1.conv.weight]\n    init_sparsity: 0.1\n    final_sparsity: 0.9\n"
      "    start_epoch: 1\n    end_epoch: 5\n    update_frequency: 1.0\n",
      stepping("curve", 7), [&](const TrainParts& parts, double epoch, std::int64_t) {
        const double zeros = zeros_in(slot_named(parts.weights, "model.1.conv.weight"), parts.numbers);
        const auto [at, is_new] = seen.emplace(static_cast<int>(epoch + 1e-9), zeros);
        if (!is_new && at->first != 4) {
          EXPECT_EQ(at->second, zeros) << epoch;
        }
        at->second = zeros;
      });
  const double half = 0.5 / 576;
  EXPECT_EQ(seen[0], 0);
  EXPECT_NEAR(seen[1], 0.1, half + 1e-9);
  EXPECT_NEAR(seen[2], 0.1 + 0.8 * (1 - std::pow(0.75, 3)), half + 1e-9);
  EXPECT_NEAR(seen[3], 0.1 + 0.8 * (1 - std::pow(0.5, 3)), half + 1e-9);
  EXPECT_NEAR(seen[4], 0.9, half + 1e-9);  // the last batch before the end
  EXPECT_NEAR(seen[6], 0.9, half + 1e-9);
}

TEST_F(ModifiersTest, PatternsAreBlocksOfTheNetworksOwnOrder) {
  const std::map<std::string, std::string> patterns = {{"block4", "0.75"}, {"2x4", "0.5"}, {"4x4", "0.75"}};
  for (const auto& [name, sparsity] : patterns) {
    const TrainOptions options = stepping("pattern-" + name, 3);
    run("  - !MagnitudePruningModifier {params: __ALL_PRUNABLE__, init_sparsity: 0, start_epoch: 0, end_epoch: 1, "
        "final_sparsity: " +
            sparsity + ", mask_type: " + name + "}\n",
        options, nullptr);
    const Weights weights(network_, [](const std::string&) { return false; });
    for (const WeightSlot& slot : weights.slots()) {
      if (!is_prunable(slot)) continue;
      const Tensor& tensor = slot.module->weights.at(slot.of_module);  // [O, I, kh, kw]
      const WeightDims dims = dims_of(slot);
      const BlockSize block = *block_size(*sparse_pattern(name));
      const auto blocks = static_cast<double>(count_blocks(dims, block));
      const auto full = static_cast<double>(count_full_blocks(tensor.data<float>(), dims, block, 0.0F));
      if (dims.in_c < block.inputs || dims.out_c < block.outputs) {
        EXPECT_EQ(full, blocks) << slot.name;  // stays dense
      } else {
        EXPECT_NEAR(1 - full / blocks, parse_number(sparsity).value(), 0.13) << name << " " << slot.name;
        EXPECT_NEAR(static_cast<double>(std::count(tensor.data<float>(), tensor.data<float>() + slot.count, 0.0F)) /
                        static_cast<double>(slot.count),
                    1 - full / blocks, 0.15);
      }
    }
  }
}

TEST_F(ModifiersTest, TwoOfFour) {
  run("  - !GMPruningModifier {params: [model.2.conv.weight], start_epoch: 0, end_epoch: 1, final_sparsity: 0.5, "
      "mask_type: '2:4'}\n",
      stepping("two", 2), nullptr);
  const Weights weights(network_, [](const std::string&) { return false; });
  const WeightSlot& slot = slot_named(weights, "model.2.conv.weight");
  std::vector<float> numbers(weights.size());
  weights.read(numbers);  // input channels innermost
  for (std::size_t i = 0; i < slot.count; i += 4)
    EXPECT_EQ(std::count(numbers.begin() + static_cast<long>(slot.offset + i),
                         numbers.begin() + static_cast<long>(slot.offset + i + 4), 0.0F),
              2);
}

TEST_F(ModifiersTest, GlobalPruningHasOneThreshold) {
  const TrainOptions options = stepping("global", 2);
  run("  - !GlobalMagnitudePruningModifier {params: __ALL_PRUNABLE__, start_epoch: 0, end_epoch: 1, "
      "final_sparsity: 0.6}\n",
      options, nullptr);
  const Weights weights(network_, [](const std::string&) { return false; });
  std::vector<float> numbers(weights.size());
  weights.read(numbers);
  const std::vector<LayerSparsity> layers = sparsity_of(weights, numbers);
  EXPECT_NEAR(overall(layers), 0.6, 0.001);
  const auto shares = [](const LayerSparsity& layer) {
    return static_cast<double>(layer.zeros) / static_cast<double>(layer.count);
  };
  EXPECT_GT(shares(std::ranges::max(layers, {}, shares)) - shares(std::ranges::min(layers, {}, shares)), 0.05);
}

TEST_F(ModifiersTest, GoesOnAsIfItHadNotStopped) {
  const std::string recipe =
      "  - !GMPruningModifier {params: [model.1.conv.weight], init_sparsity: __FROM_PARAM__, final_sparsity: 0.8, "
      "start_epoch: 0.5, end_epoch: 3, update_frequency: 0.4}\n"
      "  - !ACDCPruningModifier {params: [model.2.conv.weight], compression_sparsity: 0.5, start_epoch: 0, end_epoch: "
      "4, "
      "update_frequency: 1}\n"
      "  - !ConstantPruningModifier {params: [model.0.conv.weight], start_epoch: 1}\n"
      "  - !SetParamModifier {params: [model.0.bn.bias], val: 0.25, start_epoch: 1}\n"
      "  - !TrainableParamsModifier {params: [model.3.conv.weight], trainable: False, start_epoch: 1, end_epoch: 4}\n"
      "  - !SetWeightDecayModifier {start_epoch: 1, weight_decay: 0.01}\n"
      "  - !SetLearningRateModifier {start_epoch: 2, learning_rate: 0.002}\n";
  const TrainOptions in_one = stepping("whole", 5);
  run(recipe, in_one, nullptr);
  for (const std::int64_t stop_at : {2, 5, 7, 10}) {
    const TrainOptions in_two = stepping("parts" + std::to_string(stop_at), 5);
    std::int64_t batches = 0;
    TrainHooks hooks;
    hooks.batch = [&](const BatchDone&) { ++batches; };
    hooks.stop = [&] { return batches == stop_at; };
    EXPECT_TRUE(run(recipe, in_two, nullptr, hooks).stopped);
    auto saved = read_state(in_two.folder + "/weights/last.safetensors");
    ASSERT_TRUE(saved.ok()) << saved.error().message;
    run(recipe, in_two, nullptr, {}, &*saved);
    EXPECT_EQ(tensors_of(in_one.folder), tensors_of(in_two.folder)) << stop_at;
  }
}

TEST_F(ModifiersTest, ConstantPruningKeepsTheZerosThatAreThere) {
  nets::Network network = tiny_network();
  const Weights weights(network, [](const std::string&) { return false; });
  Tensor& tensor = slot_named(weights, "model.1.conv.weight").module->weights.at("weight");
  std::set<std::int64_t> zeros;
  for (std::int64_t i = 0; i < tensor.elements(); i += 3) {
    tensor.data<float>()[i] = 0;
    zeros.insert(i);
  }
  const auto modifiers = made(recipe_of("  - !ConstantPruningModifier {params: __ALL_PRUNABLE__}\n"));
  const auto outcome = train(network, data_, nullptr, stepping("constant", 5), fake(), {}, nullptr, modifiers);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  for (std::int64_t i = 0; i < tensor.elements(); ++i) EXPECT_EQ(tensor.data<float>()[i] == 0, zeros.contains(i)) << i;
}

TEST_F(ModifiersTest, AcdcTakesTurnsAndEndsSparse) {
  std::map<int, double> seen;
  run("  - !ACDCPruningModifier {params: [model.1.conv.weight, model.2.conv.weight], compression_sparsity: 0.8, "
      "start_epoch: 1, end_epoch: 6, update_frequency: 1}\n",
      stepping("acdc", 7), [&](const TrainParts& parts, double epoch, std::int64_t) {
        seen[static_cast<int>(epoch + 1e-9)] =
            (zeros_in(slot_named(parts.weights, "model.1.conv.weight"), parts.numbers) +
             zeros_in(slot_named(parts.weights, "model.2.conv.weight"), parts.numbers)) /
            2;
      });
  for (const int dense : {0, 1, 3}) EXPECT_LT(seen[dense], 0.5) << dense;                 // some have no gradient
  for (const int sparse : {2, 4, 5, 6}) EXPECT_NEAR(seen[sparse], 0.8, 0.001) << sparse;  // 5 would be dense
}

TEST_F(ModifiersTest, RatesAreThoseOfTheTransferRecipe) {
  const auto recipe = recipe::parse_recipe(recipe::kTransferPruned, "t.md", {});
  ASSERT_TRUE(recipe.ok()) << recipe.error().message;
  const TrainModifiers modifiers = made(*recipe);
  const auto at = [&](double epoch) {
    StepRates rates;
    for (const auto& modifier : modifiers) modifier->set_rates(epoch, rates);
    return rates.rate;  // of weights, norms and biases
  };
  const auto expect = [&](double epoch, double weights, double biases) {
    EXPECT_NEAR(at(epoch)[0], weights, 1e-12) << epoch;
    EXPECT_NEAR(at(epoch)[1], weights, 1e-12) << epoch;
    EXPECT_NEAR(at(epoch)[2], biases, 1e-12) << epoch;
  };
  expect(0, 0, 0.05);
  expect(1, 0.0016, (0.05 + 0.0032) / 2);
  expect(2, 0.0032, 0.0032);
  expect(26, (0.0032 + 0.000384) / 2, (0.0032 + 0.000384) / 2);
  expect(50, 0.000384, 0.000384);
}

TEST_F(ModifiersTest, TheLaterRateHolds) {
  const TrainModifiers modifiers = made(recipe_of(
      "  - !SetLearningRateModifier {start_epoch: 8, learning_rate: 0.5}\n"
      "  - !LearningRateFunctionModifier {start_epoch: 0, end_epoch: 10, lr_func: linear, init_lr: 0, final_lr: 1}\n"
      "  - !LearningRateModifier {start_epoch: 12, lr_class: StepLR, lr_kwargs: {step_size: 2, gamma: 0.1}, init_lr: "
      "1.0}\n"));
  ASSERT_EQ(modifiers.size(), 1U);
  const auto at = [&](double epoch) {
    StepRates rates;
    modifiers[0]->set_rates(epoch, rates);
    return rates.rate[0];
  };
  EXPECT_DOUBLE_EQ(at(4), 0.4);
  EXPECT_DOUBLE_EQ(at(8), 0.5);
  EXPECT_DOUBLE_EQ(at(11), 0.5);
  EXPECT_DOUBLE_EQ(at(13.5), 1);
  EXPECT_DOUBLE_EQ(at(14.5), 0.1);
}

TEST_F(ModifiersTest, ParamsStayOrBecomeWhatIsSaid) {
  std::map<int, std::vector<float>> frozen;
  std::map<int, float> bias;
  run("  - !TrainableParamsModifier {params: ['re:model.1.'], trainable: False, start_epoch: 1, end_epoch: 3}\n"
      "  - !SetParamModifier {params: [model.0.bn.bias], val: 7, start_epoch: 2}\n",
      stepping("params", 5), [&](const TrainParts& parts, double epoch, std::int64_t) {
        const WeightSlot& slot = slot_named(parts.weights, "model.1.conv.weight");
        const auto numbers = parts.numbers.subspan(slot.offset, slot.count);
        frozen[static_cast<int>(epoch + 1e-9)].assign(numbers.begin(), numbers.end());
        bias[static_cast<int>(epoch + 1e-9)] = parts.numbers[slot_named(parts.weights, "model.0.bn.bias").offset];
      });
  EXPECT_EQ(frozen[1], frozen[0]);
  EXPECT_EQ(frozen[2], frozen[0]);
  EXPECT_NE(frozen[3], frozen[0]);
  EXPECT_LT(bias[1], 1);
  EXPECT_NEAR(bias[2], 7, 0.5);
}

TEST_F(ModifiersTest, SaysWhatTheNetworkDoesNotHave) {
  const std::string pruning = "  - !GMPruningModifier {final_sparsity: 0.5, start_epoch: 0, end_epoch: 4, params: ";
  EXPECT_NE(message_of(recipe_of(pruning + "['re:model.1.', model.9.conv.weight]}\n"))
                .find("r.yaml, line 2: GMPruningModifier, params: model.9.conv.weight matches no weight"),
            std::string::npos);
  EXPECT_NE(
      message_of(recipe_of(pruning + "['re:model.[12].']}\n" + pruning + "[model.2.conv.weight]}\n"))
          .find("line 3: GMPruningModifier, params: model.2.conv.weight is pruned by the GMPruningModifier of line "
                "2 too"),
      std::string::npos);
  EXPECT_NE(message_of(recipe_of("  - !SetParamModifier {params: [model.0.bn.bias], val: [1, 2]}\n"))
                .find("2 values, and model.0.bn.bias has 8"),
            std::string::npos);
  EXPECT_NE(message_of(recipe_of("  - !ACDCPruningModifier {params: __ALL_PRUNABLE__, start_epoch: 0, end_epoch: 4}\n"))
                .find("before its first sparse phase"),
            std::string::npos);
  nets::Network network = tiny_network();
  const Weights weights(network, [](const std::string&) { return false; });
  const auto notes =
      made(recipe_of("  - !GMPruningModifier {final_sparsity: 0.5, start_epoch: 0, end_epoch: 4, params: "
                     "__ALL_PRUNABLE__, mask_type: block4}\n"))[0]
          ->notes(weights);
  ASSERT_FALSE(notes.empty());
  EXPECT_NE(notes[0].find("model.0.conv.weight stays dense: 3 input channels"), std::string::npos) << notes[0];
}

TEST_F(ModifiersTest, NumbersThatAreNoneEndItWithTheLastGoodFile) {
  TrainModifiers modifiers = made(recipe_of(
      "  - !GMPruningModifier {params: __ALL_PRUNABLE__, final_sparsity: 0.5, start_epoch: 0, end_epoch: 4}\n"));
  double spoilt_at = 0;
  modifiers.push_back(std::make_unique<Watcher>([&](const TrainParts& parts, double epoch, std::int64_t) {
    if (epoch > spoilt_at) parts.numbers[0] = std::nanf("");
  }));
  for (const double at : {1.2, 1.5}) {  // in the middle of an epoch; after its last batch
    spoilt_at = at;
    nets::Network network = tiny_network();
    const TrainOptions options = stepping("nan" + std::to_string(at), 4);
    const auto outcome = train(network, data_, nullptr, options, fake(), {}, nullptr, modifiers);
    ASSERT_FALSE(outcome.ok());
    EXPECT_NE(outcome.error().message.find("is of the epoch before and good"), std::string::npos)
        << outcome.error().message;
    const auto saved = read_state(options.folder + "/weights/last.safetensors");
    ASSERT_TRUE(saved.ok()) << saved.error().message;
    for (const auto& [name, tensor] : saved->tensors) {
      if (tensor.dtype() != DType::kFloat32) continue;
      for (std::int64_t i = 0; i < tensor.elements(); ++i) ASSERT_TRUE(std::isfinite(tensor.data<float>()[i])) << name;
    }
  }
}

TEST_F(ModifiersTest, TheBestIsASparseOne) {
  const TrainOptions options = stepping("best", 5);
  std::vector<bool> best;
  TrainHooks hooks;
  hooks.epoch = [&](const EpochDone& done) { best.push_back(done.best); };
  run("  - !GMPruningModifier {params: __ALL_PRUNABLE__, final_sparsity: 0.5, start_epoch: 0, end_epoch: 3}\n", options,
      nullptr, hooks);
  EXPECT_EQ(best, (std::vector<bool>{false, false, true, true, true}));
  const auto results = runs::read_results(options.folder + "/results.csv");
  ASSERT_TRUE(results.ok()) << results.error().message;
  EXPECT_EQ(results->columns.back(), "sparsity");
  EXPECT_NEAR(results->rows.back().back(), 0.5, 0.01);
}

// As they are, apart from their epochs.
TEST_F(ModifiersTest, TheReferenceRecipesRun) {
  const recipe::Arguments shorter = {{"num_epochs", "4"}, {"pruning_start_epoch", "1"}, {"pruning_end_epoch", "3"}};
  const auto pruned = recipe::parse_recipe(recipe::kPruned, "pruned.md", shorter);
  const auto transfer = recipe::parse_recipe(recipe::kTransferPruned, "transfer.md", {{"num_epochs", "4"}});
  ASSERT_TRUE(pruned.ok() && transfer.ok());
  nets::Network network = tiny_network();
  ASSERT_TRUE(train(network, data_, nullptr, stepping("pruned", 4), fake(), {}, nullptr, made(*pruned)).ok());
  const Weights weights(network, [](const std::string&) { return false; });
  std::vector<float> sparse(weights.size()), moved(weights.size());
  weights.read(sparse);
  for (const auto& [name, sparsity] : std::map<std::string, double>{
           {"model.0", 0}, {"model.1", 0.5}, {"model.2", 0.5}, {"model.3", 0.8}, {"model.4", 0}})
    EXPECT_NEAR(zeros_in(slot_named(weights, name + ".conv.weight"), sparse), sparsity, 0.001) << name;
  // The network that is sparse now learns on.
  ASSERT_TRUE(train(network, data_, nullptr, stepping("transfer", 4), fake(), {}, nullptr, made(*transfer)).ok());
  weights.read(moved);
  EXPECT_NE(sparse, moved);
  for (const WeightSlot& slot : weights.slots()) {
    if (is_prunable(slot)) {
      EXPECT_EQ(zeros_in(slot, sparse), zeros_in(slot, moved)) << slot.name;
    }
  }
}

TEST_F(ModifiersTest, AppliesItsEndAtOnce) {
  nets::Network network = tiny_network();
  TrainOptions options = this->options("at-once", 1);
  const auto modifiers = made(recipe_of(
      "  - !GMPruningModifier {params: __ALL_PRUNABLE__, final_sparsity: 0.8, start_epoch: 2, end_epoch: 40}\n"));
  ASSERT_TRUE(apply_at_once(network, options, modifiers).ok());
  EXPECT_TRUE(fs::exists(options.folder + "/weights/best.safetensors"));
  const Weights weights(network, [](const std::string&) { return false; });
  std::vector<float> numbers(weights.size());
  weights.read(numbers);
  EXPECT_NEAR(overall(sparsity_of(weights, numbers)), 0.8, 0.005);
}

}  // namespace
}  // namespace saker::train
