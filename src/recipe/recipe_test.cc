#include "recipe/recipe.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "recipe/expression.h"
#include "recipe/recipes_fixture.h"

namespace saker::recipe {
namespace {

const std::string kEpochs = "training_modifiers:\n  - !EpochRangeModifier {start_epoch: 0, end_epoch: 10}\n";

Recipe parsed(const std::string& text, const Arguments& arguments = {}, const std::string& name = "r.yaml") {
  auto recipe = parse_recipe(text, name, arguments);
  EXPECT_TRUE(recipe.ok()) << recipe.error().message;
  return recipe ? *recipe : Recipe();
}

std::string refused(const std::string& text, const Arguments& arguments = {}, const std::string& name = "r.yaml") {
  const auto recipe = parse_recipe(text, name, arguments);
  EXPECT_FALSE(recipe.ok()) << text;
  return recipe ? "" : recipe.error().message;
}

// A modifier as the only one; its fields stand from line 3 on.
std::string refused_fields(const std::string& type, const std::string& fields) {
  return refused("training_modifiers:\n  - !" + type + "\n" + fields);
}

TEST(Recipe, ReadsTheTransferRecipe) {
  const Recipe recipe = parsed(kTransferPruned, {}, "t.md");
  ASSERT_EQ(recipe.modifiers.size(), 5U);
  EXPECT_EQ(recipe.epochs, 50);
  EXPECT_EQ(recipe.text, kTransferPruned);
  const auto& cosine = std::get<LearningRateFunction>(recipe.modifiers[1].action);
  EXPECT_EQ(cosine.kind, LearningRateFunction::Kind::kCosine);
  EXPECT_EQ(cosine.init_lr, 0.0032);
  EXPECT_EQ(cosine.final_lr, 0.000384);
  EXPECT_EQ(recipe.modifiers[1].start_epoch, 2);
  EXPECT_TRUE(cosine.groups.empty());
  EXPECT_EQ(std::get<LearningRateFunction>(recipe.modifiers[2].action).groups, (std::vector<int>{0, 1}));
  EXPECT_EQ(std::get<ConstantPruning>(recipe.modifiers[4].action).params,
            (std::vector<std::string>{"__ALL_PRUNABLE__"}));
  EXPECT_EQ(recipe.modifiers[4].end_epoch, -1);
}

TEST(Recipe, ReadsFrontMatterBehindAComment) {
  const Recipe recipe = parsed(kTransferPrunedQuantized, {}, "q.md");
  ASSERT_EQ(recipe.modifiers.size(), 7U);
  EXPECT_EQ(std::get<SetLearningRate>(recipe.modifiers[4].action).learning_rate, 2e-6);
  EXPECT_EQ(recipe.modifiers[4].start_epoch, 50);
  EXPECT_EQ(std::get<Quantization>(recipe.modifiers[6].action).submodules.size(), 4U);
  // Lines are the file's.
  const std::size_t at = kTransferPrunedQuantized.find("!SetLearning");
  EXPECT_EQ(recipe.modifiers[4].line, 1 + std::count(kTransferPrunedQuantized.begin(),
                                                     kTransferPrunedQuantized.begin() + static_cast<long>(at), '\n'));
}

TEST(Recipe, ReadsThePruningRecipeWithOtherValues) {
  const Recipe recipe =
      parsed(kPruned, {{"num_epochs", "4"}, {"pruning_start_epoch", "0.5"}, {"pruning_end_epoch", "2"}}, "p.md");
  ASSERT_EQ(recipe.modifiers.size(), 6U);
  EXPECT_EQ(recipe.modifiers[0].end_epoch, 4);  // an alias of what was given anew
  const auto& pruning = std::get<Pruning>(recipe.modifiers[4].action);
  ASSERT_EQ(pruning.tiers.size(), 1U);
  EXPECT_EQ(pruning.tiers[0].final_sparsity, 0.5);
  EXPECT_EQ(pruning.tiers[0].params, (std::vector<std::string>{"model.1.conv.weight", "model.2.conv.weight"}));
  EXPECT_EQ(pruning.init_sparsity, 0.05);
  EXPECT_EQ(pruning.curve, Curve::kCubic);
  EXPECT_EQ(pruning.pattern, SparsePattern::kUnstructured);
  EXPECT_EQ(recipe.modifiers[4].start_epoch, 0.5);
}

TEST(Recipe, WorksVariablesOut) {
  const std::string text = R"(version: 1.1.0
num_epochs: 20
half: eval(num_epochs * 0.5)
pruning_end: eval(half + 2)
target: 0.75
layers: ["re:model.*", head.weight]
training_modifiers:
  - !EpochRangeModifier
    start_epoch: 0.0
    end_epoch: eval(num_epochs)
pruning_modifiers:
  - !MagnitudePruningModifier
    params: eval(layers)
    final_sparsity: eval(target)
    start_epoch: eval(max(1, 2) - 1)
    end_epoch: eval( pruning_end )
    mask_type: [1, 4]
  - !GMPruningModifier
    params: []
    init_sparsity: __FROM_PARAM__
    final_sparsity: {0.5: [a.weight], eval(target): [b.weight, c.weight]}
    start_epoch: 0
    end_epoch: 3
    inter_func: inverse_cubic
    mask_type: 4x4
    update_frequency: 0.25
)";
  const Recipe recipe = parsed(text);
  ASSERT_EQ(recipe.modifiers.size(), 3U);
  EXPECT_EQ(recipe.modifiers[0].end_epoch, 20);
  const auto& first = std::get<Pruning>(recipe.modifiers[1].action);
  EXPECT_EQ(recipe.modifiers[1].start_epoch, 1);
  EXPECT_EQ(recipe.modifiers[1].end_epoch, 12);
  EXPECT_EQ(first.tiers[0].params, (std::vector<std::string>{"re:model.*", "head.weight"}));
  EXPECT_EQ(first.tiers[0].final_sparsity, 0.75);
  EXPECT_EQ(first.pattern, SparsePattern::kBlock4);
  const auto& second = std::get<Pruning>(recipe.modifiers[2].action);
  ASSERT_EQ(second.tiers.size(), 2U);
  EXPECT_EQ(second.tiers[1].final_sparsity, 0.75);
  EXPECT_EQ(second.tiers[1].params.size(), 2U);
  EXPECT_EQ(second.init_sparsity, Pruning::kFromParam);
  EXPECT_EQ(second.curve, Curve::kInverseCubic);
  EXPECT_EQ(second.pattern, SparsePattern::k4x4);
  EXPECT_EQ(second.update_frequency, 0.25);
  // Given anew, what hangs on it follows.
  EXPECT_EQ(parsed(text, {{"num_epochs", "8"}}).modifiers[1].end_epoch, 6);
  EXPECT_EQ(std::get<Pruning>(parsed(text, {{"layers", "[x.weight]"}}).modifiers[1].action).tiers[0].params,
            (std::vector<std::string>{"x.weight"}));
}

TEST(Recipe, ReadsEveryModifierThatIsKnown) {
  const Recipe recipe = parsed(R"(modifiers:
  - !EpochRangeModifier {start_epoch: 0, end_epoch: 9}
  - !SetLearningRateModifier {start_epoch: 0, learning_rate: 0.1, constant_logging: True}
  - !LearningRateModifier
    lr_class: MultiStepLR
    lr_kwargs: {gamma: 0.5, milestones: [2, 4]}
    init_lr: 0.1
    start_epoch: 1
    end_epoch: 6
  - !SetWeightDecayModifier {start_epoch: 2.5, weight_decay: 0.0}
  - !TrainableParamsModifier {params: __ALL__, trainable: False, params_strict: False, start_epoch: 1, end_epoch: 2}
  - !SetParamModifier {params: ["re:.*bias"], val: 0.5, start_epoch: 0}
  - !GlobalMagnitudePruningModifier {params: [a], final_sparsity: 0.5, start_epoch: 0, end_epoch: 4}
  - !ACDCPruningModifier {params: [b], compression_sparsity: 0.8, start_epoch: 0, end_epoch: 8, update_frequency: 2}
  - !QuantizationModifier {start_epoch: 5, disable_quantization_observer_epoch: 6, freeze_bn_stats_epoch: 5.5}
  - !PerLayerDistillationModifier {gain: 0.01, normalize: False, student_layer_names: [model.4]}
  - !DistillationModifier
)");
  ASSERT_EQ(recipe.modifiers.size(), 11U);
  const auto& steps = std::get<LearningRateFunction>(recipe.modifiers[2].action);
  EXPECT_EQ(steps.kind, LearningRateFunction::Kind::kMultistep);
  EXPECT_EQ(steps.milestones, (std::vector<double>{2, 4}));
  EXPECT_EQ(steps.gamma, 0.5);
  EXPECT_EQ(recipe.modifiers[3].start_epoch, 2.5);
  EXPECT_FALSE(std::get<TrainableParams>(recipe.modifiers[4].action).strict);
  EXPECT_EQ(std::get<SetParam>(recipe.modifiers[5].action).values, (std::vector<double>{0.5}));
  EXPECT_TRUE(std::get<Pruning>(recipe.modifiers[6].action).global);
  EXPECT_EQ(std::get<AcdcPruning>(recipe.modifiers[7].action).update_frequency, 2);
  EXPECT_EQ(std::get<Quantization>(recipe.modifiers[8].action).freeze_bn_epoch, 5.5);
  EXPECT_EQ(std::get<LayerDistillation>(recipe.modifiers[9].action).gain, 0.01);
  EXPECT_EQ(std::get<OutputDistillation>(recipe.modifiers[10].action).temperature, 2);
  ASSERT_EQ(recipe.notes.size(), 1U);
  EXPECT_EQ(recipe.notes[0], "r.yaml, line 3: SetLearningRateModifier, constant_logging: changes nothing here");
}

TEST(Recipe, NamesLineAndFieldOfWhatIsWrong) {
  EXPECT_EQ(refused_fields("SetLearningRateModifier", "    learning_rate: fast\n"),
            "r.yaml, line 3: SetLearningRateModifier, learning_rate: 'fast' is no number from 0 to 10");
  EXPECT_EQ(refused_fields("SetLearningRateModifier", "    start_epoch: 1\n"),
            "r.yaml, line 2: SetLearningRateModifier, learning_rate: it is missing");
  EXPECT_NE(refused_fields("SetLearningRateModifier", "    learning_rate: 1\n    learning_rat: 1\n")
                .find("line 4: SetLearningRateModifier, learning_rat: there is no such field (did you mean "
                      "learning_rate?); there are learning_rate, param_groups"),
            std::string::npos);
  EXPECT_NE(refused_fields("EpochRangeModifier", "    start_epoch: 5\n    end_epoch: 3\n")
                .find("line 4: EpochRangeModifier, end_epoch: it ends at 3 and starts at 5"),
            std::string::npos);
  EXPECT_NE(refused_fields("EpochRangeModifier", "    start_epoch: 5\n").find("end_epoch: it is missing"),
            std::string::npos);
  const std::string pruning = "    params: [a]\n    start_epoch: 0\n    end_epoch: 5\n";
  EXPECT_NE(refused_fields("GMPruningModifier", pruning + "    final_sparsity: 1.5\n")
                .find("line 6: GMPruningModifier, final_sparsity: '1.5' is no number from 0 to 1"),
            std::string::npos);
  EXPECT_NE(refused_fields("GMPruningModifier", pruning + "    final_sparsity: 0.5\n    mask_type: 3x3\n")
                .find("line 7: GMPruningModifier, mask_type: '3x3' is not known; there are unstructured, block4"),
            std::string::npos);
  EXPECT_NE(refused_fields("GMPruningModifier", pruning + "    final_sparsity: 0.8\n    mask_type: '2:4'\n")
                .find("2:4 makes a sparsity of 0.5"),
            std::string::npos);
  EXPECT_NE(refused_fields("GMPruningModifier", "    params: [a]\n    start_epoch: 0\n    final_sparsity: 0.5\n")
                .find("end_epoch: it is missing"),
            std::string::npos);
  EXPECT_NE(refused_fields("GMPruningModifier",
                           "    params: [a]\n    start_epoch: 0\n    end_epoch: -1\n    final_sparsity: 0.5\n")
                .find("line 5: GMPruningModifier, end_epoch: it has to end"),
            std::string::npos);
  EXPECT_NE(refused_fields("SetWeightDecayModifier", "    weight_decay: 0\n    end_epoch: 3\n").find("it has no end"),
            std::string::npos);
  EXPECT_NE(refused_fields("LearningRateFunctionModifier",
                           "    start_epoch: 0\n    end_epoch: 2\n    init_lr: 0\n    final_lr: 1\n    lr_func: sine\n")
                .find("'sine' is not known; there are linear, cosine"),
            std::string::npos);
}

TEST(Recipe, RefusesUnknownModifiersByName) {
  const std::string message = refused_fields("GMPrunningModifier", "    params: [a]\n");
  EXPECT_NE(message.find("r.yaml, line 2: GMPrunningModifier is no modifier that saker knows; did you mean "
                         "GMPruningModifier?\nThere are EpochRangeModifier, SetLearningRateModifier, "),
            std::string::npos)
      << message;
  EXPECT_NE(refused("modifiers:\n  - {a: 1}\n").find("a modifier is expected"), std::string::npos);
  EXPECT_NE(refused("modifiers: 3\n").find("a list of modifiers"), std::string::npos);
  EXPECT_NE(refused("num_epochs: 3\n").find("no list of modifiers"), std::string::npos);
  EXPECT_NE(refused("stage:\n  training_modifiers: []\n").find("several stages"), std::string::npos);
}

TEST(Recipe, RefusesModifiersThatUndoEachOther) {
  EXPECT_NE(refused(kEpochs + "  - !EpochRangeModifier {start_epoch: 2, end_epoch: 4}\n").find("there is one already"),
            std::string::npos);
  const std::string rate = "  - !LearningRateFunctionModifier {lr_func: linear, init_lr: 0, final_lr: 1, ";
  EXPECT_NE(refused(kEpochs + rate + "start_epoch: 0, end_epoch: 4}\n" + rate + "start_epoch: 3, end_epoch: 9}\n")
                .find("line 4: LearningRateFunctionModifier, start_epoch: its epochs and groups overlap with the "
                      "LearningRateFunctionModifier of line 3"),
            std::string::npos);
  parsed(kEpochs + rate + "start_epoch: 0, end_epoch: 4, param_groups: [2]}\n" + rate +
         "start_epoch: 3, end_epoch: 9, param_groups: [0, 1]}\n");
  const std::string pruning = "  - !GMPruningModifier {final_sparsity: 0.5, start_epoch: ";
  EXPECT_NE(refused(kEpochs + pruning + "0, end_epoch: 4, params: [a, b, a]}\n")
                .find("line 3: GMPruningModifier, params: a is named twice"),
            std::string::npos);
  EXPECT_NE(
      refused(kEpochs + pruning + "0, end_epoch: 4, params: [a]}\n" + pruning + "1, end_epoch: 5, params: [b, a]}\n")
          .find("line 4: GMPruningModifier, params: a is pruned by the GMPruningModifier of line 3 too"),
      std::string::npos);
  parsed(kEpochs + pruning +
         "0, end_epoch: 4, params: [a]}\n  - !ConstantPruningModifier {start_epoch: 4, params: [a]}\n");
}

TEST(Recipe, RefusesVariablesThatAreNone) {
  EXPECT_NE(refused(kEpochs, {{"num_epochs", "3"}}).find("no variable 'num_epochs' to give a value; it has none"),
            std::string::npos);
  EXPECT_NE(refused("num_epochs: 3\n" + kEpochs, {{"epochs", "3"}}).find("it has num_epochs"), std::string::npos);
  const auto end = [](const std::string& variables, const std::string& value) {
    return refused(variables + "training_modifiers:\n  - !EpochRangeModifier\n    end_epoch: eval(" + value + ")\n");
  };
  EXPECT_NE(end("num_epochs: 3\n", "num_epoch + 1").find("no variable 'num_epoch'; did you mean num_epochs?"),
            std::string::npos);
  EXPECT_NE(end("a: eval(b)\nb: eval(a)\n", "a").find("hangs on itself"), std::string::npos);
  EXPECT_NE(end("a: eval(b + 1)\nb: eval(a + 1)\n", "a + 1").find("hangs on itself"), std::string::npos);
  EXPECT_NE(end("a: word\n", "a + 1").find("line 1: 'a' is no number"), std::string::npos);
  EXPECT_NE(end("", "__import__('os')").find("line 3: eval: "), std::string::npos);
  EXPECT_NE(end("", "1 / 0").find("divides by zero"), std::string::npos);
}

TEST(Recipe, IsBounded) {
  // A variable that doubles another one 40 times over.
  std::string doubling = "a0: 1\n";
  for (int i = 1; i <= 40; ++i)
    doubling += "a" + std::to_string(i) + ": eval(a" + std::to_string(i - 1) + " + a" + std::to_string(i - 1) + ")\n";
  EXPECT_NE(refused(doubling + "modifiers:\n  - !EpochRangeModifier {end_epoch: eval(a40 * 1)}\n").find("no number"),
            std::string::npos);
  // Aliases that explode: a list of 2,000 names, named 100 times.
  std::string list = "names: &names [";
  for (int i = 0; i < 2000; ++i) list += "n" + std::to_string(i) + ", ";
  list += "]\nmodifiers:\n";
  for (int i = 0; i < 100; ++i) list += "  - !TrainableParamsModifier {params: *names}\n";
  EXPECT_NE(refused(list).find("more than 100000 values"), std::string::npos);
  EXPECT_NE(refused("a: " + std::string(2000, '[') + "\n"), "");
  EXPECT_NE(refused("a: &a [*a]\nmodifiers:\n  - !TrainableParamsModifier {params: *a}\n").find("none"),
            std::string::npos);
  EXPECT_NE(refused(std::string((1 << 20) + 1, '#')).find("KB"), std::string::npos);
  EXPECT_NE(refused(std::string(300 << 10, '#')).find("KB"), std::string::npos);
  EXPECT_NE(refused("# Title\n", {}, "r.md").find("between two lines of ---"), std::string::npos);
  EXPECT_NE(refused("a: [\n").find("r.yaml, line "), std::string::npos);
  EXPECT_NE(refused("a: 1\na: 2\n").find("'a' is there twice"), std::string::npos);
}

TEST(Recipe, ReadsArguments) {
  const auto json = read_arguments(R"({"num_epochs": 150, "init_lr": 1e-3, "layers": ["a", "b"], "name": "x y"})");
  ASSERT_TRUE(json.ok()) << json.error().message;
  EXPECT_EQ(json->at("num_epochs"), "150");
  EXPECT_EQ(json->at("layers"), "[a, b]");
  const std::string path = (std::filesystem::temp_directory_path() / "saker_recipe_args.yaml").string();
  std::ofstream(path) << "num_epochs: 3\n";
  const auto file = read_arguments(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(*file, (Arguments{{"num_epochs", "3"}}));
  EXPECT_FALSE(read_arguments("{\"a\": ").ok());
  EXPECT_FALSE(read_arguments("no/such/file.yaml").ok());
}

TEST(Expression, IsArithmetic) {
  const auto value = [](const std::string& text) {
    const auto result = evaluate(text, [](const std::string& name) -> Result<double> {
      if (name == "x") return 3.0;
      return Error{ErrorCode::kInvalid, "no " + name};
    });
    return result.ok() ? *result : -1e9;
  };
  EXPECT_EQ(value("1 + 2 * x"), 7);
  EXPECT_EQ(value("(1 + 2) * -x"), -9);
  EXPECT_EQ(value("-2 ** 2"), -4);
  EXPECT_EQ(value("2 ** 3 ** 2"), 512);
  EXPECT_EQ(value("7 // 2 + 7 % 4 - 7 / 2"), 2.5);
  EXPECT_EQ(value("-7 // 2"), -4);
  EXPECT_EQ(value("max(1, x, 2) + min(4, 5) + int(2.7) + round(2.6) + abs(-1)"), 13);
  EXPECT_EQ(value(" 1e2 - .5 "), 99.5);
  for (const char* wrong :
       {"", "1 +", "1 2", "(1", "x y", "x.real", "y", "1 / 0", "10 ** 999", "open(1)", "max()", "[1]"})
    EXPECT_EQ(value(wrong), -1e9) << wrong;
  EXPECT_EQ(value(std::string(400, '(') + "1"), -1e9);
  EXPECT_EQ(value(std::string(900, '-') + "1"), -1e9);
}

}  // namespace
}  // namespace saker::recipe
