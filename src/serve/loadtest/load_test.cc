#include "serve/loadtest/load.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "base/statistics.h"
#include "serve/http/server.h"
#include "serve/loadtest/load_report.h"
#include "serve/loadtest/url.h"

namespace saker::serve {
namespace {

using namespace std::chrono_literals;
using Request = std::shared_ptr<const HttpRequest>;
using Respond = std::shared_ptr<Responder>;

HttpResponse answer(int status) {
  HttpResponse response;
  response.status = status;
  response.body = "{}";
  return response;
}

std::unique_ptr<HttpServer> start(Handler handler) {
  HttpOptions options;
  options.port = 0;
  auto server = HttpServer::start(options, std::move(handler), nullptr);
  EXPECT_TRUE(server.ok());
  return server.ok() ? std::move(server).value() : nullptr;
}

LoadOptions options_for(std::uint16_t port, int bodies = 1) {
  LoadOptions options;
  options.url = {"127.0.0.1", port, "/v1/detect"};
  options.warmup_s = 0.05;
  options.duration_s = 0.3;
  for (int i = 0; i < bodies; ++i) {
    const auto body = std::make_shared<const std::string>(static_cast<std::size_t>(i), 'b');
    options.requests.push_back(
        {fmt::format("POST /v1/detect HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", body->size()), body});
  }
  return options;
}

TEST(Url, IsTakenApart) {
  const auto whole = parse_url("http://localhost:8080/v2?x=1#there");
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(whole->host, "localhost");
  EXPECT_EQ(whole->port, 8080);
  EXPECT_EQ(whole->target, "/v2?x=1");
  EXPECT_EQ(whole->authority(), "localhost:8080");
  EXPECT_EQ(parse_url("http://a")->port, 80);
  EXPECT_EQ(parse_url("http://a?q")->target, "/?q");
  EXPECT_EQ(parse_url("http://[::1]:9/")->host, "::1");
  EXPECT_EQ(parse_url("http://[::1]:9/")->authority(), "[::1]:9");
  for (const char* bad : {"", "localhost:8080", "ftp://a", "http://", "http://:80", "http://a:0", "http://a:70000",
                          "http://a:x", "http://[::1", "http://user@a/", "http://a/b c", "http://a/\r\nX: y"}) {
    const auto url = parse_url(bad);
    ASSERT_FALSE(url.ok()) << bad;
    EXPECT_EQ(url.error().code, ErrorCode::kInvalid);
  }
  EXPECT_EQ(parse_url("https://a").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(percent_encoded("a b/ä"), "a%20b%2F%C3%A4");
}

TEST(Load, ClosedLoopKeepsSoManyUnderWay) {
  std::atomic<int> now = 0, most = 0, all = 0;
  const auto server = start([&](const Request& request, const Respond& respond) {
    EXPECT_EQ(request->target, "/v1/detect");
    ++all;
    const int under_way = ++now;
    int before = most;
    while (before < under_way && !most.compare_exchange_weak(before, under_way)) {
    }
    std::thread([&now, respond] {
      std::this_thread::sleep_for(5ms);
      --now;
      respond->send(answer(200));
    }).detach();
  });
  const auto result = run_load(options_for(server->port()), {.concurrency = 4}, {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(most, 4);
  EXPECT_EQ(result->connections, 4);
  EXPECT_GT(result->completed, 0U);
  EXPECT_LT(result->sent, static_cast<std::uint64_t>(all)) << "the warm-up does not count";
  EXPECT_EQ(result->failed(), 0U);
  EXPECT_EQ(result->ok_ms.size(), result->sent);
  EXPECT_GE(result->ok_ms.front(), 5);
  EXPECT_TRUE(std::ranges::is_sorted(result->ok_ms));
  EXPECT_EQ(result->statuses.at(200), result->sent);
}

TEST(Load, EachOfTheRequestsIsSent) {
  std::mutex mutex;
  std::set<std::size_t> sizes;
  const auto server = start([&](const Request& request, const Respond& respond) {
    const std::lock_guard lock(mutex);
    sizes.insert(request->body.size());
    respond->send(answer(200));
  });
  ASSERT_TRUE(run_load(options_for(server->port(), 5), {.concurrency = 1}, {}).ok());
  EXPECT_EQ(sizes.size(), 5U);
}

// A server that stops for a while: who waits for it sends nothing meanwhile, and would not notice.
TEST(Load, OpenLoopCountsFromWhenRequestsWereDue) {
  std::atomic<int> all = 0;
  const auto server = start([&](const Request&, const Respond& respond) {
    if (++all == 20) std::this_thread::sleep_for(150ms);  // the only thread that reads
    respond->send(answer(200));
  });
  LoadOptions options = options_for(server->port());
  options.duration_s = 0.5;
  options.warmup_s = 0;
  const auto result = run_load(options, {.rate = 400}, {});
  ASSERT_TRUE(result.ok());
  EXPECT_GT(result->sent, 100U);
  EXPECT_LT(result->sent, 400U) << "200 are expected";
  EXPECT_GT(percentile(result->ok_ms, 0.9), 20) << "about a third of them met the pause";
  EXPECT_EQ(result->lag_ms.size(), result->sent);
}

TEST(Load, WaitingForAConnectionIsLatency) {
  const auto server = start([&](const Request&, const Respond& respond) {
    std::thread([respond] {
      std::this_thread::sleep_for(20ms);
      respond->send(answer(200));
    }).detach();
  });
  LoadOptions options = options_for(server->port());
  options.max_connections = 1;
  const auto result = run_load(options, {.rate = 200}, {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->connections, 1);
  EXPECT_EQ(result->ok_ms.size(), result->sent) << "all are sent in the end";
  EXPECT_GT(result->ok_ms.back(), 200);
}

TEST(Load, TheSameSeedSendsAtTheSameTimes) {
  const auto server = start([](const Request&, const Respond& respond) { respond->send(answer(200)); });
  LoadOptions options = options_for(server->port());
  options.warmup_s = 0;
  const auto sent = [&](std::uint64_t seed) {
    options.seed = seed;
    return run_load(options, {.rate = 500}, {})->sent;
  };
  const std::uint64_t first = sent(7);
  EXPECT_EQ(first, sent(7));
  std::set<std::uint64_t> others;
  for (std::uint64_t seed = 0; seed < 6; ++seed) others.insert(sent(seed));
  EXPECT_GT(others.size(), 1U);
}

TEST(Load, SortsAnswersByStatusAndErrorsByKind) {
  std::atomic<int> all = 0;
  const auto server = start([&](const Request&, const Respond& respond) {
    switch (++all % 4) {
      case 0:
        respond->send(answer(503));
        break;
      case 1:
        respond->begin(answer(200));  // and no end
        break;
      case 2:
        respond->send(answer(422));
        break;
      default:
        respond->send(answer(200));
    }
  });
  const auto result = run_load(options_for(server->port()), {.concurrency = 2}, {});
  ASSERT_TRUE(result.ok());
  EXPECT_GT(result->statuses.at(503), 0U);
  EXPECT_GT(result->statuses.at(422), 0U);
  const std::uint64_t closed = result->errors[static_cast<std::size_t>(ClientError::kClosed)];
  EXPECT_GT(closed, 0U);
  EXPECT_EQ(result->failed(), closed + result->statuses.at(422));
  EXPECT_EQ(result->overloaded_ms.size(), result->statuses.at(503));
  EXPECT_EQ(result->ok_ms.size(), result->statuses.at(200));

  const Json json = load_json("http://h", options_for(1), {*result});
  EXPECT_EQ(json["loop"], "closed");
  EXPECT_EQ(json["stages"][0]["overloaded"], result->statuses.at(503));
  EXPECT_EQ(json["stages"][0]["errors"]["closed"], closed);
  EXPECT_GE(json["stages"][0]["latency_ms"]["max"], json["stages"][0]["latency_ms"]["p50"]);
  const std::string text = as_text(load_document("http://h", options_for(1), {*result}, true));
  EXPECT_NE(text.find("422 x "), std::string::npos) << text;
  EXPECT_NE(text.find("closed x "), std::string::npos) << text;
  EXPECT_GT(load_plot({*result, *result}).width, 1000);
}

TEST(Load, GivesUpOnWhatDoesNotAnswer) {
  std::mutex mutex;
  std::vector<Respond> kept;
  const auto server = start([&](const Request&, const Respond& respond) {
    const std::lock_guard lock(mutex);
    kept.push_back(respond);
  });
  LoadOptions options = options_for(server->port());
  options.timeout_s = 0.1;
  options.warmup_s = 0;
  const auto result = run_load(options, {.concurrency = 3}, {});
  ASSERT_TRUE(result.ok());
  EXPECT_GE(result->errors[static_cast<std::size_t>(ClientError::kTimeout)], 3U);
  EXPECT_EQ(result->completed, 0U);
}

TEST(Load, StopsWhenAsked) {
  const auto server = start([](const Request&, const Respond& respond) { respond->send(answer(200)); });
  LoadOptions options = options_for(server->port());
  options.warmup_s = 0;
  options.duration_s = 3600;
  for (const LoadStage& stage : {LoadStage{.concurrency = 2}, LoadStage{.rate = 100}}) {
    int ticks = 0;
    LoadHooks hooks;
    hooks.progress = [&](double, const LoadResult&) { ++ticks; };
    hooks.stop = [&] { return ticks > 2; };
    const auto result = run_load(options, stage, hooks);
    ASSERT_TRUE(result.ok());
    EXPECT_TRUE(result->stopped);
    EXPECT_LT(result->seconds, 3000);
  }
}

TEST(Load, SaysThatNobodyIsThere) {
  const auto server = start([](const Request&, const Respond&) {});
  LoadOptions options = options_for(server->port());
  server->stop(0ms);
  const auto nobody = run_load(options, {.concurrency = 1}, {});
  ASSERT_FALSE(nobody.ok());
  EXPECT_EQ(nobody.error().code, ErrorCode::kIo);
  options.url.host = "no such host";
  EXPECT_EQ(run_load(options, {.concurrency = 1}, {}).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace saker::serve
