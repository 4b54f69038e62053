// For tests of the API: requests made by hand, answers kept, over a real repository with the road signs' model.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "serve/api/api.h"

namespace saker::serve::testing {

// Keeps an answer. A test that waits in vain ends by ctest's time limit.
class Recorder final : public Responder {
 public:
  void send(HttpResponse response) override {
    const std::lock_guard lock(mutex_);
    EXPECT_FALSE(ended_) << "answered twice";
    response_ = std::move(response);
    ended_ = true;
    changed_.notify_all();
  }
  void begin(HttpResponse head) override {
    const std::lock_guard lock(mutex_);
    response_ = std::move(head);
    changed_.notify_all();
  }
  bool write(std::string piece) override {
    const std::lock_guard lock(mutex_);
    response_.body += piece;
    ++pieces_;
    changed_.notify_all();
    return !closed_;
  }
  void end() override {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  HttpResponse wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_; });
    return response_;
  }
  std::string wait_pieces(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return pieces_ >= count; });
    return response_.body;
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  HttpResponse response_;
  std::size_t pieces_ = 0;
  bool ended_ = false, closed_ = false;
};

inline std::shared_ptr<HttpRequest> request_of(const std::string& method, const std::string& target,
                                               std::string body = {}, Headers headers = {}) {
  auto request = std::make_shared<HttpRequest>();
  request->method = method;
  request->target = target;
  request->body = std::move(body);
  request->headers = std::move(headers);
  request->peer = "127.0.0.1:1";
  request->id = "r1";
  request->gone = std::make_shared<std::atomic<bool>>(false);
  return request;
}

inline std::string header_of(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

// Models by name; none is loaded before load().
class TestApi {
 public:
  explicit TestApi(ApiOptions options = {}, std::map<std::string, std::filesystem::path> files = {},
                   std::size_t max_queue = 64) {
    RepositoryOptions wanted;
    wanted.files = std::move(files);
    wanted.defaults.session.threads = 1;
    wanted.defaults.lane.max_queue = max_queue;
    repository = std::make_unique<Repository>(wanted, scheduler, &metrics);
    api = std::make_unique<Api>(options, *repository, metrics, [this](const AccessRecord& record) {
      const std::lock_guard lock(mutex_);
      records_.push_back(record);
    });
  }
  ~TestApi() { api.reset(); }

  HttpResponse ask(std::shared_ptr<const HttpRequest> request) {
    auto recorder = std::make_shared<Recorder>();
    api->handler()(std::move(request), recorder);
    return recorder->wait();
  }
  HttpResponse get(const std::string& target, Headers headers = {}) {
    return ask(request_of("GET", target, {}, std::move(headers)));
  }
  HttpResponse post(const std::string& target, std::string body, Headers headers = {}) {
    return ask(request_of("POST", target, std::move(body), std::move(headers)));
  }
  std::vector<AccessRecord> records() {
    const std::lock_guard lock(mutex_);
    return records_;
  }

  MetricRegistry metrics;

 private:
  std::mutex mutex_;
  std::vector<AccessRecord> records_;

 public:
  Scheduler scheduler{1};
  std::unique_ptr<Repository> repository;
  std::unique_ptr<Api> api;
};

// Tests run in the folder of the sources.
inline const std::map<std::string, std::filesystem::path>& signs_model() {
  static const std::map<std::string, std::filesystem::path> files = {{"signs", "models/signs.onnx"}};
  return files;
}

// One with that model loaded, for all tests of a program.
class SignsServer : public ::testing::Environment {
 public:
  static TestApi& api() {
    if (!shared()) {
      shared() = std::make_unique<TestApi>(ApiOptions{}, signs_model());
      EXPECT_TRUE(shared()->repository->load_all().ok());
    }
    return *shared();
  }
  void TearDown() override { shared().reset(); }  // while what its threads use is there

 private:
  static std::unique_ptr<TestApi>& shared() {
    static std::unique_ptr<TestApi> one;
    return one;
  }
};
inline ::testing::Environment* const kSignsServer = ::testing::AddGlobalTestEnvironment(new SignsServer);

inline std::string bytes_of(const std::string& path) {
  const auto file = read_file(path, std::size_t{1} << 26);
  EXPECT_TRUE(file.ok()) << path;
  if (!file.ok()) return {};
  return {reinterpret_cast<const char*>(file->data.get()), file->size};
}

inline nlohmann::json json_of(const HttpResponse& response) {
  auto json = nlohmann::json::parse(response.body, nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << response.body;
  return json;
}

}  // namespace saker::serve::testing
