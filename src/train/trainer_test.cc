#include "train/trainer.h"

#include <gtest/gtest.h>

#include "train/trainer_fixture.h"

namespace saker::train {
namespace {

TEST_F(TrainerTest, LeavesARunAndGoesOnAsIfItHadNotStopped) {
  nets::Network whole = tiny_network(), begun = tiny_network();
  const TrainOptions in_one = options("whole", 5), in_two = options("parts", 5);
  ASSERT_TRUE(train(whole, data_, &data_, in_one, fake(), {}).ok());

  std::int64_t epochs = 0;
  TrainHooks stop;
  stop.epoch = [&](const EpochDone& done) { epochs = done.row.epoch; };
  stop.stop = [&] { return epochs == 2; };  // after the first batch of the third epoch
  const auto stopped = train(begun, data_, &data_, in_two, fake(), stop);
  ASSERT_TRUE(stopped.ok()) << stopped.error().message;
  EXPECT_TRUE(stopped->stopped);
  EXPECT_EQ(stopped->progress.epochs_done, 2);
  EXPECT_EQ(stopped->progress.batches_done, 1);

  auto saved = read_state(in_two.folder + "/weights/last.safetensors");
  ASSERT_TRUE(saved.ok()) << saved.error().message;
  EXPECT_EQ(saved->arguments, (Arguments{{"data", "a b.yaml"}, {"epochs", "5"}}));
  const auto resumed = train(saved->network, data_, &data_, in_two, fake(), {}, &*saved);
  ASSERT_TRUE(resumed.ok()) << resumed.error().message;
  EXPECT_EQ(resumed->progress.epochs_done, 5);
  EXPECT_EQ(tensors_of(in_one.folder), tensors_of(in_two.folder));
  for (const char* file : {"results.csv", "weights/best.safetensors", "train_batch0.jpg"})
    EXPECT_TRUE(fs::exists(fs::path(in_two.folder) / file)) << file;
  const auto results = runs::read_results(in_two.folder + "/results.csv");
  ASSERT_TRUE(results.ok()) << results.error().message;
  EXPECT_EQ(results->rows.size(), 5U);
}

TEST_F(TrainerTest, ALossThatIsNoNumberEndsItWithTheBatchNamed) {
  nets::Network network = tiny_network();
  const auto outcome = train(network, data_, nullptr, options("nan", 2), fake(true), {});
  ASSERT_FALSE(outcome.ok());
  EXPECT_NE(outcome.error().message.find("batch 1 of epoch 1 ("), std::string::npos) << outcome.error().message;
  EXPECT_NE(outcome.error().message.find(".png"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder_ / "nan" / "weights" / "last.safetensors"));
}

TEST_F(TrainerTest, PatienceEndsIt) {
  nets::Network network = tiny_network();
  TrainOptions impatient = options("patience", 50);
  impatient.patience = 2;
  const auto outcome = train(network, data_, &data_, impatient, fake(), {});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_TRUE(outcome->early);
  EXPECT_EQ(outcome->progress.epochs_done, outcome->progress.best_epoch + 3);
  // Going on with it changes nothing.
  auto saved = read_state(impatient.folder + "/weights/last.safetensors");
  ASSERT_TRUE(saved.ok()) << saved.error().message;
  const auto again = train(saved->network, data_, &data_, impatient, fake(), {}, &*saved);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_TRUE(again->early);
  EXPECT_EQ(again->progress.epochs_done, outcome->progress.epochs_done);
}

TEST_F(TrainerTest, FrozenLayersStayAsTheyAre) {
  nets::Network network = tiny_network(), before = tiny_network();
  TrainOptions frozen = options("frozen", 3);
  frozen.freeze = {"model.0.", "model.1."};
  ASSERT_TRUE(train(network, data_, nullptr, frozen, fake(), {}).ok());
  auto now = nets::named_weights(network), then = nets::named_weights(before);
  bool changed = false;
  for (std::size_t i = 0; i < now.size(); ++i) {
    const Tensor &a = now[i].module->weights.at(now[i].of_module), &b = then[i].module->weights.at(then[i].of_module);
    const bool same = std::memcmp(a.raw(), b.raw(), a.bytes()) == 0;
    const bool is_frozen = now[i].name.starts_with("model.0.") || now[i].name.starts_with("model.1.");
    EXPECT_TRUE(same || !is_frozen) << now[i].name;
    changed = changed || !same;
  }
  EXPECT_TRUE(changed);
}

TEST_F(TrainerTest, NothingToTrainIsAnError) {
  nets::Network network = tiny_network();
  TrainOptions frozen = options("all-frozen", 1);
  frozen.freeze = {"model."};
  const auto outcome = train(network, data_, nullptr, frozen, fake(), {});
  ASSERT_FALSE(outcome.ok());
  EXPECT_NE(outcome.error().message.find("frozen"), std::string::npos) << outcome.error().message;
}

TEST_F(TrainerTest, OtherFilesAreNoStates) {
  const std::string path = (folder_ / "no.safetensors").string();
  ASSERT_TRUE(write_file(path, "nothing of the kind").ok());
  const auto none = read_state(path);
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.error().message.find("last.safetensors"), std::string::npos);
  EXPECT_FALSE(read_state((folder_ / "missing.safetensors").string()).ok());
}

TEST(BytesOfPicture, GrowWithTheSquareOfTheSide) {
  const nets::Network network = tiny_network();
  const auto small = bytes_of_picture(network, 64), large = bytes_of_picture(network, 128);
  ASSERT_TRUE(small.ok() && large.ok());
  EXPECT_NEAR(static_cast<double>(*large) / static_cast<double>(*small), 4, 0.4);
  EXPECT_GT(available_memory(), std::size_t{1} << 20);
}

}  // namespace
}  // namespace saker::train
