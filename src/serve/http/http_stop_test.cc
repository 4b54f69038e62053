// How a server ends.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "serve/http/server_testing.h"

namespace saker::serve {
namespace {

using namespace std::chrono_literals;

TEST(HttpServerStop, AnswersWhatItHasTaken) {
  Held held;
  const auto server = start(local(), held.handler());
  RawClient busy(server->port()), idle(server->port()), halfway(server->port());
  busy.send(get("/busy"));
  halfway.send(post("0123456789").substr(0, 55));
  ASSERT_TRUE(comes_true([&] { return held.count() == 1 && server->connections() == 3; }));
  std::atomic<bool> stopped = false;
  std::thread stop([&] {
    server->stop(60s);
    stopped = true;
  });
  EXPECT_TRUE(idle.ended()) << "nothing to wait for";
  halfway.send(post("0123456789").substr(55));
  ASSERT_TRUE(comes_true([&] { return held.count() == 2; }));
  EXPECT_FALSE(stopped);
  EXPECT_FALSE(RawClient(server->port()).connected()) << "nobody else is taken";
  for (RawClient* client : {&busy, &halfway}) {
    held.take().second->send(text("done"));
    const auto response = client->response();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "done");
    EXPECT_EQ(response->headers.at("connection"), "close");
    EXPECT_TRUE(client->ended());
    client->close();
  }
  stop.join();
  EXPECT_EQ(server->connections(), 0);
}

TEST(HttpServerStop, WaitsNoLongerThanItMay) {
  Held held;
  auto server = start(local(), held.handler());
  RawClient client(server->port());
  client.send(get("/"));
  ASSERT_TRUE(comes_true([&] { return held.count() == 1; }));
  server->stop(50ms);
  const auto [request, respond] = held.take();
  EXPECT_TRUE(request->gone->load());
  EXPECT_FALSE(client.response());
  respond->send(text("too late"));
  server.reset();
  respond->send(text("nobody is there any more"));
}

TEST(HttpServerStop, AnswersLetGoAfterItDoNothing) {
  Held held;
  RawClient client(0);
  {
    const auto server = start(local(), held.handler());
    client = RawClient(server->port());
    client.send(get("/"));
    ASSERT_TRUE(comes_true([&] { return held.count() == 1; }));
  }
  EXPECT_FALSE(client.response());
  held.take();
}

TEST(HttpServerStop, EndsAnswersThatComePieceByPiece) {
  Held held;
  const auto server = start(local(), held.handler());
  RawClient client(server->port());
  client.send(get("/"));
  ASSERT_TRUE(comes_true([&] { return held.count() == 1; }));
  const auto [request, respond] = held.take();
  respond->begin(text("first"));
  ASSERT_TRUE(client.head());
  EXPECT_EQ(*client.chunk(), "first");
  std::thread stop([&] { server->stop(60s); });
  EXPECT_TRUE(comes_true([&, respond = respond] { return !respond->write("more"); }));
  EXPECT_TRUE(request->gone->load());
  auto piece = client.chunk();
  while (piece && !piece->empty()) piece = client.chunk();
  EXPECT_TRUE(piece) << "it ends as it should";
  EXPECT_TRUE(client.ended());
  client.close();
  stop.join();
}

// Clients that send one request after another, and know nothing of its end: whatever they have sent is answered.
TEST(HttpServerStop, UnderLoadEveryRequestThatWasSentIsAnswered) {
  for (int round = 0; round < 5; ++round) {
    HttpOptions options = local();
    options.threads = 1 + round % 2;
    std::atomic<int> handled = 0;
    const auto server = start(options, [&](const Request& request, const Respond& respond) {
      ++handled;
      if (handled % 2 == 0) {
        echo(request, respond);
        return;
      }
      std::thread([request, respond] {
        std::this_thread::sleep_for(1ms);
        echo(request, respond);
      }).detach();
    });
    std::atomic<int> answered = 0, lost = 0;
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back([&] {
        RawClient client(server->port());
        while (client.connected()) {
          if (!client.send(post("some bytes"))) {
            ++lost;
            return;
          }
          const auto response = client.response();
          if (!response) {
            ++lost;
            return;
          }
          ++answered;
          if (response->headers.contains("connection")) return;
        }
      });
    }
    ASSERT_TRUE(comes_true([&] { return answered > 200; }));
    server->stop(60s);
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(lost, 0);
    EXPECT_EQ(handled, answered);
  }
}

}  // namespace
}  // namespace saker::serve
