// Models that come, change and go, on the model that comes with the source: while requests run none of them fails.
#include "serve/repository.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <thread>

#include "serve/metrics_text.h"
#include "support/temp_folder.h"

namespace saker::serve {
namespace {
namespace fs = std::filesystem;

const char* const kSigns = "models/signs.onnx";
const char* const kSigns8 = "models/signs.int8.onnx";

std::vector<std::uint8_t> picture() {
  std::ifstream file("models/signs.jpg", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::shared_ptr<ServedModel> found(const Repository& repository, const std::string& name, std::int64_t version = 0) {
  auto model = repository.find(name, version);
  auto* const good = std::get_if<std::shared_ptr<ServedModel>>(&model);
  return good == nullptr ? nullptr : *good;
}

Refusal refused(const Repository& repository, const std::string& name, std::int64_t version = 0) {
  auto model = repository.find(name, version);
  auto* const refusal = std::get_if<Refusal>(&model);
  return refusal == nullptr ? Refusal{Reason::kInternal, "found"} : *refusal;
}

PictureRequest request(const std::vector<std::uint8_t>& bytes) {
  PictureRequest asked;
  asked.bytes = bytes;
  return asked;
}

class RepositoryTest : public ::testing::Test {
 protected:
  // FOLDER/NAME/VERSION/model.onnx, put there in one step.
  void put(const std::string& name, int version, const std::string& file = kSigns) const {
    const fs::path to = fs::path(folder_.path(name)) / std::to_string(version);
    fs::create_directories(to);
    fs::copy_file(file, to / ".part", fs::copy_options::overwrite_existing);
    fs::rename(to / ".part", to / "model.onnx");
  }
  void start(RepositoryOptions options = {}) {
    options.folder = folder_.path();
    options.defaults.session.threads = 1;
    options.defaults.model.backend = "saker";
    options.drain = std::chrono::seconds(20);
    repository_ = std::make_unique<Repository>(options, scheduler_, &metrics_);
  }
  std::string state(const std::string& name, std::int64_t version) const {
    for (const RepositoryEntry& entry : repository_->index()) {
      if (entry.name == name && entry.version == version) return entry.state;
    }
    return "";
  }
  std::vector<std::string> poll_twice() {
    std::vector<std::string> lines = repository_->poll();
    for (const std::string& line : repository_->poll()) lines.push_back(line);
    return lines;
  }

  test::TempFolder folder_;
  MetricRegistry metrics_;
  Scheduler scheduler_{1};
  std::unique_ptr<Repository> repository_;
};

TEST_F(RepositoryTest, LoadsWhatThereIsAndFindsIt) {
  put("signs", 1);
  put("signs", 2);
  put("bytes", 7, kSigns8);
  start({.files = {{"file", kSigns8}}});
  EXPECT_FALSE(repository_->all_ready());
  const Status status = repository_->load_all();
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_TRUE(repository_->all_ready());
  EXPECT_EQ(repository_->ready().size(), 3U);
  EXPECT_EQ(found(*repository_, "signs")->version(), 2);  // the latest is the policy
  EXPECT_EQ(found(*repository_, "bytes", 7)->name(), "bytes");
  EXPECT_EQ(found(*repository_, "file", 1)->version(), 1);
  EXPECT_EQ(refused(*repository_, "signs", 1).reason, Reason::kNotFound);
  EXPECT_EQ(refused(*repository_, "../signs").reason, Reason::kNotFound);
  EXPECT_NE(refused(*repository_, "nothing").message.find("there are bytes, file, signs"), std::string::npos);
  EXPECT_EQ(std::get<std::shared_ptr<ServedModel>>(repository_->only())->name(), "bytes");
  EXPECT_EQ(MetricsText::parse(metrics_.text()).value("saker_models_ready"), 3);
}

TEST_F(RepositoryTest, PoliciesAndTheModelsOwnFile) {
  for (const int version : {1, 2, 3}) put("signs", version, kSigns8);
  put("two", 1, kSigns8);
  put("two", 2, kSigns8);
  folder_.write("two/config.yaml", "version_policy: all\nmax_batch: 2\nconf: 0.5\n");
  VersionPolicy policy;
  policy.kind = VersionPolicy::Kind::kSpecific, policy.versions = {1, 3};
  start({.policy = policy});
  ASSERT_TRUE(repository_->load_all().ok());
  EXPECT_EQ(found(*repository_, "signs", 2), nullptr);
  EXPECT_NE(found(*repository_, "signs", 1), nullptr);
  EXPECT_NE(found(*repository_, "signs", 3), nullptr);
  EXPECT_EQ(found(*repository_, "two", 1)->max_batch(), 2);
  EXPECT_FLOAT_EQ(found(*repository_, "two", 2)->boxes().conf, 0.5F);
}

TEST_F(RepositoryTest, AFolderOfItsOwn) {
  const test::TempFolder other;
  fs::create_directories(other.path("3"));
  fs::copy_file(kSigns8, other.path("3/model.onnx"));
  const test::TempFolder single;
  fs::copy_file(kSigns8, single.path("any.onnx"));
  start({.files = {{"versions", other.path()}, {"single", single.path()}}});
  const Status status = repository_->load_all();
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(found(*repository_, "versions")->version(), 3);
  EXPECT_EQ(found(*repository_, "single")->version(), 1);
}

TEST_F(RepositoryTest, AFailureKeepsTheOld) {
  put("signs", 1, kSigns8);
  start();
  ASSERT_TRUE(repository_->load_all().ok());
  folder_.write("signs/2/model.onnx", "no model");
  const Status status = repository_->load("signs");
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("signs version 2"), std::string::npos) << status.error().message;
  EXPECT_EQ(found(*repository_, "signs")->version(), 1);
  EXPECT_EQ(state("signs", 1), "READY");
  EXPECT_EQ(state("signs", 2), "UNAVAILABLE");
  EXPECT_TRUE(repository_->all_ready());
  folder_.write("signs/config.yaml", "conf: many\n");
  const Status config = repository_->load("signs");
  ASSERT_FALSE(config.ok());
  EXPECT_NE(config.error().message.find("config.yaml:1"), std::string::npos);
  EXPECT_EQ(found(*repository_, "signs")->version(), 1);
  EXPECT_EQ(repository_->load("nothing").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(repository_->load("../signs").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(state("nothing", 0), "");
}

TEST_F(RepositoryTest, WhatNeverLoadedMakesItNotReady) {
  put("signs", 1, kSigns8);
  folder_.write("broken/1/model.onnx", "no model");
  start();
  EXPECT_FALSE(repository_->load_all().ok());
  EXPECT_FALSE(repository_->all_ready());
  EXPECT_NE(found(*repository_, "signs"), nullptr);
  EXPECT_EQ(refused(*repository_, "broken").reason, Reason::kUnavailable);
  ASSERT_TRUE(repository_->unload("broken").ok());
  EXPECT_TRUE(repository_->all_ready());
  EXPECT_EQ(refused(*repository_, "broken").reason, Reason::kNotFound);
}

TEST_F(RepositoryTest, PollLoadsOnlyWhatHasSettled) {
  put("signs", 1, kSigns8);
  start();
  ASSERT_TRUE(repository_->load_all().ok());
  EXPECT_TRUE(poll_twice().empty());
  const std::shared_ptr<ServedModel> one = found(*repository_, "signs");
  // A file that grows from look to look is left alone, whatever its name.
  std::ifstream whole(kSigns8, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(whole), {}};
  for (const std::size_t part : {1000U, 200'000U, 500'000U}) {
    folder_.write("signs/2/model.onnx", bytes.substr(0, part));
    EXPECT_TRUE(repository_->poll().empty());
  }
  folder_.write("signs/2/model.onnx", bytes);
  EXPECT_TRUE(repository_->poll().empty());
  const std::vector<std::string> lines = repository_->poll();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0], "loaded signs: version 2");
  EXPECT_EQ(found(*repository_, "signs")->version(), 2);
  EXPECT_TRUE(poll_twice().empty());
  // One that is broken is told of once.
  folder_.write("signs/3/model.onnx", "no model");
  const std::vector<std::string> failed = poll_twice();
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_NE(failed[0].find("version 2 is served on"), std::string::npos) << failed[0];
  EXPECT_TRUE(poll_twice().empty());
  fs::remove_all(folder_.path("signs/3"));
  EXPECT_EQ(poll_twice().size(), 1U);
}

TEST_F(RepositoryTest, PollSeesWhatComesAndGoes) {
  put("signs", 1, kSigns8);
  start();
  ASSERT_TRUE(repository_->load_all().ok());
  put("new", 1, kSigns8);
  EXPECT_EQ(poll_twice(), std::vector<std::string>{"loaded new: version 1"});
  const std::shared_ptr<ServedModel> before = found(*repository_, "signs");
  put("signs", 1, kSigns);  // the same version, another file
  EXPECT_EQ(poll_twice(), std::vector<std::string>{"loaded signs: version 1"});
  EXPECT_NE(found(*repository_, "signs"), before);
  ASSERT_TRUE(repository_->unload("signs").ok());
  EXPECT_TRUE(poll_twice().empty());  // unloaded, it stays so until it changes
  fs::remove_all(folder_.path("new"));
  EXPECT_EQ(poll_twice(), std::vector<std::string>{"unloaded new: its folder has gone"});
  EXPECT_EQ(refused(*repository_, "new").reason, Reason::kNotFound);
  fs::rename(folder_.path(), folder_.path() + ".away");  // a volume that is away
  EXPECT_EQ(repository_->poll().size(), 1U);
  EXPECT_TRUE(repository_->poll().empty());
  fs::rename(folder_.path() + ".away", folder_.path());
}

TEST_F(RepositoryTest, MetricsOfWhatHasGoneAreShownNoMore) {
  put("signs", 1, kSigns8);
  start();
  ASSERT_TRUE(repository_->load_all().ok());
  const auto counter = [&] { return metrics_.text().find("saker_test_total{model=\"signs\",version=\"1\"}"); };
  metrics_.counter("saker_test_total", "T.", {{"model", "signs"}, {"version", "1"}}).add();
  ASSERT_TRUE(repository_->load("signs").ok());
  EXPECT_NE(counter(), std::string::npos);
  put("signs", 2, kSigns8);
  ASSERT_TRUE(repository_->load("signs").ok());
  // The old one is drained beside this thread; while it is held it stays.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (counter() != std::string::npos && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(counter(), std::string::npos);
  EXPECT_TRUE(MetricsText::parse(metrics_.text()).problems.empty());
}

// Requests that look the model up, wait, and ask then: whichever version they have found answers.
TEST_F(RepositoryTest, ReloadsUnderLoadFailNoRequest) {
  put("signs", 1, kSigns8);
  start({.defaults = {.lane = {.max_batch = 2, .max_queue = 1000}}});
  ASSERT_TRUE(repository_->load_all().ok());
  std::atomic<bool> over{false};
  std::atomic<int> answered{0}, failed{0};
  std::mutex mutex;
  std::set<std::string> reasons;
  const std::vector<std::uint8_t> bytes = picture();
  const auto ask = [&] {
    while (!over.load()) {
      const auto model = found(*repository_, "signs");
      if (model == nullptr) {
        ++failed;
        continue;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(3));  // as long as a body may take to come
      auto answer = std::make_shared<std::promise<void>>();
      model->detect(request(bytes), {}, [&, answer](const Outcome<PictureAnswer>& outcome) {
        if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
          ++failed;
          const std::lock_guard lock(mutex);
          reasons.insert(refusal->message);
        } else {
          ++answered;
        }
        answer->set_value();
      });
      answer->get_future().wait();
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back(ask);
  for (int i = 0; i < 20; ++i) {
    const int before = answered.load();
    ASSERT_TRUE(repository_->load("signs").ok());
    while (answered.load() == before && failed.load() == 0) std::this_thread::yield();
  }
  over.store(true);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed.load(), 0) << (reasons.empty() ? "not found" : *reasons.begin());
  EXPECT_GE(answered.load(), 20);
}

TEST_F(RepositoryTest, DrainAnswersWhatWaitsAndLoadsNoMore) {
  put("signs", 1, kSigns8);
  start();
  ASSERT_TRUE(repository_->load_all().ok());
  auto model = found(*repository_, "signs");
  std::atomic<int> answered{0}, dropped{0};
  for (int i = 0; i < 8; ++i) {
    model->detect(request(picture()), {}, [&](const Outcome<PictureAnswer>& outcome) {
      ++(std::holds_alternative<PictureAnswer>(outcome) ? answered : dropped);
    });
  }
  model.reset();
  repository_->drain_all(std::chrono::steady_clock::now() + std::chrono::seconds(60));
  EXPECT_EQ(answered.load(), 8);
  EXPECT_EQ(dropped.load(), 0);
  EXPECT_FALSE(repository_->all_ready());
  EXPECT_FALSE(repository_->load("signs").ok());
  EXPECT_EQ(found(*repository_, "signs"), nullptr);
}

}  // namespace
}  // namespace saker::serve
