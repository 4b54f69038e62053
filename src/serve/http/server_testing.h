// For tests: a server on a free port, requests as text, and waiting for what must come.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "serve/http/raw_client.h"
#include "serve/http/server.h"

namespace saker::serve {

using Request = std::shared_ptr<const HttpRequest>;
using Respond = std::shared_ptr<Responder>;

inline HttpOptions local() {
  HttpOptions options;
  options.port = 0;
  options.threads = 2;
  return options;
}

inline std::unique_ptr<HttpServer> start(const HttpOptions& options, Handler handler,
                                         MetricRegistry* metrics = nullptr) {
  auto server = HttpServer::start(options, std::move(handler), metrics);
  EXPECT_TRUE(server.ok()) << (server.ok() ? "" : server.error().message);
  return server.ok() ? std::move(server).value() : nullptr;
}

inline HttpResponse text(std::string body) {
  HttpResponse response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

// Answers with method, target and body.
inline void echo(const Request& request, const Respond& respond) {
  HttpResponse response = text(request->method + " " + request->target + " " + request->body);
  response.headers = {{"X-Size", std::to_string(request->body.size())}};
  respond->send(std::move(response));
}

inline std::string get(const std::string& target, const std::string& more = "") {
  return fmt::format("GET {} HTTP/1.1\r\nHost: h\r\n{}\r\n", target, more);
}

inline std::string post(const std::string& body, const std::string& more = "") {
  return fmt::format("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n{}\r\n{}", body.size(), more, body);
}

inline std::string error_of(const RawResponse& response) {
  const auto json = nlohmann::json::parse(response.body, nullptr, false);
  return json.is_object() && json.contains("error") ? json["error"].get<std::string>() : "";
}

// Until it is so; the test fails if it never is.
inline testing::AssertionResult comes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 30'000; ++i) {
    if (condition()) return testing::AssertionSuccess();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return testing::AssertionFailure() << "not within half a minute";
}

// Requests that wait until somebody lets them go.
class Held {
 public:
  Handler handler() {
    return [this](const Request& request, const Respond& respond) {
      const std::lock_guard lock(mutex_);
      held_.emplace_back(request, respond);
    };
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return held_.size();
  }
  std::pair<Request, Respond> take() {
    const std::lock_guard lock(mutex_);
    auto first = std::move(held_.front());
    held_.erase(held_.begin());
    return first;
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<Request, Respond>> held_;
};

}  // namespace saker::serve
