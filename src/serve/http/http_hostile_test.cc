// Clients that mean harm, or have gone wrong, and good ones beside them.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/descriptor.h"
#include "base/random.h"
#include "serve/http/request_samples.h"
#include "serve/http/server_testing.h"

namespace saker::serve {
namespace {

using namespace std::chrono_literals;

// So many sockets as wanted, or as many as the system lets us have.
int descriptors_for(int wanted) {
  rlimit limit = {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto needed = static_cast<rlim_t>(wanted + 200);
  if (limit.rlim_cur < needed) {
    limit.rlim_cur = std::min(needed, limit.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  return static_cast<int>(std::min<rlim_t>(limit.rlim_cur - 200, static_cast<rlim_t>(wanted)));
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

long resident_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::atol(line.c_str() + 6);
  }
  return 0;
}

TEST(HttpServerHostile, SlowLorisConnectionsLeaveRoomForGoodClients) {
  const int count = descriptors_for(2000) / 2;
  HttpOptions options = local();
  options.header_timeout = 60s;
  options.max_connections = count + 24;
  const auto server = start(options, echo);
  const long before = resident_kb();
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < count; ++i) {
    slow.push_back(std::make_unique<RawClient>(server->port()));
    ASSERT_TRUE(slow.back()->connected());
    ASSERT_TRUE(slow.back()->send("POST / HTTP/1.1\r\nHost: h\r\nX-Header: a"));
  }
  ASSERT_TRUE(comes_true([&] { return server->connections() == count; }));
  std::atomic<bool> over = false;
  std::thread drip([&] {
    while (!over) {
      for (const auto& client : slow) client->send("b");
      std::this_thread::sleep_for(1ms);
    }
  });
  for (int i = 0; i < 20; ++i) {
    RawClient good(server->port());
    for (int j = 0; j < 5; ++j) {
      const auto response = good.exchange(post("picture"));
      ASSERT_TRUE(response);
      EXPECT_EQ(response->status, 200);
    }
  }
  over = true;
  drip.join();
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(resident_kb() - before, 12L * count + 20'000) << "a few KB each, both ends of them";
#else
  static_cast<void>(before);
#endif
}

TEST(HttpServerHostile, SlowLorisConnectionsEndWithTheirTime) {
  HttpOptions options = local();
  options.header_timeout = 200ms;
  const auto server = start(options, echo);
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 100; ++i) {
    slow.push_back(std::make_unique<RawClient>(server->port()));
    slow.back()->send("GET / HTTP/1.1\r\n");
  }
  for (const auto& client : slow) {
    const auto response = client->response();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 408);
  }
  slow.clear();
  EXPECT_TRUE(comes_true([&] { return server->connections() == 0; }));
}

// Whole requests, hurt ones, and what is cut off anywhere; the client leaves in an orderly way, or not.
TEST(HttpServerHostile, SurvivesMutatedRequests) {
  HttpOptions options = local();
  options.max_header = 1024;
  options.max_body = 4096;
  std::atomic<int> handled = 0;
  const auto server = start(options, [&](const Request& request, const Respond& respond) {
    ++handled;
    EXPECT_LE(request->body.size(), 4096U);
    echo(request, respond);
  });
  const std::size_t descriptors = open_descriptors();
  PortableRandom random(2);
  int answered = 0, refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    RawClient client(server->port());
    ASSERT_TRUE(client.connected());
    client.send(mutated_request(random));
    if (random.below(8) == 0) {
      client.reset();
      continue;
    }
    client.end_sending();
    while (const auto response = client.response(true)) {
      ASSERT_GE(response->status, 200);
      ASSERT_LT(response->status, 600);
      if (response->status != 200) {
        ++refused;
        break;
      }
      ++answered;
      break;
    }
  }
  EXPECT_GT(answered, 3000);
  EXPECT_GT(refused, 2000);
  EXPECT_GT(handled, answered / 2);
  RawClient good(server->port());
  ASSERT_TRUE(good.exchange(post("picture")));
  good.close();
  EXPECT_TRUE(comes_true([&] { return server->connections() == 0; }));
  EXPECT_LE(open_descriptors(), descriptors + 1);
}

TEST(HttpServerHostile, ClientsThatLeaveInTheMiddleLeaveNothing) {
  Held held;
  const auto server = start(local(), held.handler());
  const std::string request = post(std::string(300'000, 'b'));
  for (const std::size_t part : {1UL, 20UL, 60UL, 100'000UL, request.size()}) {
    for (const bool reset : {false, true}) {
      RawClient client(server->port());
      ASSERT_TRUE(client.send(std::string_view(request).substr(0, part)));
      if (part == request.size()) {
        ASSERT_TRUE(comes_true([&] { return held.count() == 1; }));
      }
      if (reset) {
        client.reset();
      } else {
        client.close();
      }
      if (part == request.size()) {
        const auto [gone, respond] = held.take();
        EXPECT_TRUE(comes_true([&, gone = gone] { return gone->gone->load(); }));
        respond->send(text(std::string(10 << 20, 'x')));  // it leaves in the middle of this
      }
      EXPECT_TRUE(comes_true([&] { return server->connections() == 0; })) << part;
    }
  }
}

TEST(HttpServerHostile, WithoutDescriptorsItWaitsAndGoesOn) {
  const auto server = start(local(), echo);
  MetricRegistry metrics;
  rlimit before = {};
  ::getrlimit(RLIMIT_NOFILE, &before);
  RawClient waiting(server->port());  // its socket is there before the last descriptor is taken
  waiting.exchange(get("/"));
  rlimit few = before;
  few.rlim_cur = 256;
  ::setrlimit(RLIMIT_NOFILE, &few);
  std::vector<saker::Descriptor> taken;
  RawClient* client = nullptr;
  std::vector<std::unique_ptr<RawClient>> clients;
  // All but the one that a client takes: the server has none for its own end.
  while (true) {
    saker::Descriptor one(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (one.get() < 0) break;
    taken.push_back(std::move(one));
  }
  ASSERT_FALSE(taken.empty());
  taken.pop_back();
  clients.push_back(std::make_unique<RawClient>(server->port()));
  client = clients.back().get();
  ASSERT_TRUE(client->connected());
  client->send(get("/late"));
  EXPECT_EQ(waiting.exchange(get("/"))->status, 200) << "those there are go on";
  taken.clear();
  const auto response = client->response();
  ::setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "GET /late ");
}

}  // namespace
}  // namespace saker::serve
