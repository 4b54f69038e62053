// Answers of pieces that others get, too, and of which only the newest is worth anything.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "serve/http/server_testing.h"

namespace saker::serve {
namespace {

using namespace std::chrono_literals;

using Piece = std::shared_ptr<const std::string>;

Piece piece_of(char letter, std::size_t bytes) {
  return std::make_shared<const std::string>(bytes, letter);
}

// A client that has asked, and the answer that it is being given.
struct Stream {
  explicit Stream(Held& held, HttpServer& server, const std::string& asked = get("/")) : client(server.port()) {
    client.send(asked);
    EXPECT_TRUE(comes_true([&] { return held.count() == 1; }));
    std::tie(request, respond) = held.take();
    respond->begin({});
  }
  RawClient client;
  Request request;
  Respond respond;
};

TEST(HttpStream, WhoReadsGetsEveryPiece) {
  Held held;
  const auto server = start(local(), held.handler());
  Stream stream(held, *server);
  ASSERT_TRUE(stream.client.head());
  for (int i = 0; i < 20; ++i) {
    const Piece piece = piece_of(static_cast<char>('a' + i), 200'000);
    ASSERT_TRUE(comes_true([&] { return stream.respond->offer(piece, 0); }));
    const auto got = stream.client.chunk();
    ASSERT_TRUE(got);
    EXPECT_TRUE(*got == *piece);
    EXPECT_TRUE(comes_true([&] { return piece.use_count() == 1; })) << "it is kept no longer";
  }
  stream.respond->end();
  EXPECT_EQ(*stream.client.chunk(), "");
}

TEST(HttpStream, WhoReadsSlowlyGetsTheNewest) {
  Held held;
  const auto server = start(local(), held.handler());
  Stream slow(held, *server);
  int taken = 0;
  Piece last;
  for (int i = 0; i < 500; ++i) {
    const Piece piece = piece_of(static_cast<char>('a' + i % 26), 300'000);
    if (!slow.respond->offer(piece, 0)) continue;
    ++taken;
    last = piece;
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_GE(taken, 1);
  EXPECT_LE(taken, 12) << "no more than what the system's buffers hold";
  // Pieces of others are not copied for it.
  EXPECT_LE(last.use_count(), 2);
  ASSERT_TRUE(slow.client.head());
  std::atomic<int> read = 0;
  std::thread reader([&] {
    while (const auto piece = slow.client.chunk()) {
      if (piece->empty()) return;
      EXPECT_EQ(piece->size(), 300'000U) << "whole ones only";
      EXPECT_EQ(piece->find_first_not_of((*piece)[0]), std::string::npos);
      ++read;
    }
    ADD_FAILURE() << "cut off";
  });
  EXPECT_TRUE(comes_true([&] { return slow.respond->offer(piece_of('Z', 300'000), 0); })) << "there is room again";
  slow.respond->end();
  reader.join();
  EXPECT_EQ(read, taken + 1);
}

TEST(HttpStream, SmallPiecesMayWaitALittle) {
  Held held;
  const auto server = start(local(), held.handler());
  Stream slow(held, *server);
  std::size_t taken = 0;
  for (int i = 0; i < 100'000; ++i) {
    if (slow.respond->offer(piece_of('e', 1000), 16 << 10)) taken += 1000;
  }
  EXPECT_GT(taken, std::size_t{16} << 10);
  EXPECT_LT(taken, std::size_t{4} << 20) << "what waits is bounded";
}

TEST(HttpStream, WhoReadsNothingIsLeftAlone) {
  HttpOptions options = local();
  options.write_timeout = 200ms;
  Held held;
  const auto server = start(options, held.handler());
  Stream stuck(held, *server);
  const Piece piece = piece_of('x', 300'000);
  EXPECT_TRUE(comes_true([&] {
    stuck.respond->offer(piece, 0);
    return stuck.request->gone->load();
  }));
  EXPECT_TRUE(comes_true([&] { return server->connections() == 0 && piece.use_count() == 1; }));
}

TEST(HttpStream, WhoReadsNothingHoldsUpNoEnd) {
  Held held;
  const auto server = start(local(), held.handler());  // with half a minute for each piece
  Stream before(held, *server), after(held, *server);
  const Piece piece = piece_of('x', 300'000);
  for (int i = 0; i < 200; ++i) {
    before.respond->offer(piece, 0);
    after.respond->offer(piece, 0);
    std::this_thread::sleep_for(1ms);
  }
  before.respond->end();  // by whoever makes the pieces; the other by the server
  const auto begin = std::chrono::steady_clock::now();
  server->stop(60s);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
  EXPECT_EQ(server->connections(), 0);
  EXPECT_EQ(piece.use_count(), 1);
}

TEST(HttpStream, HeadHasNoPieces) {
  Held held;
  const auto server = start(local(), held.handler());
  Stream stream(held, *server, "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  stream.respond->offer(piece_of('x', 1000), 0);
  stream.respond->end();
  EXPECT_EQ(stream.client.response(true)->status, 200);
  stream.client.send(get("/"));
  ASSERT_TRUE(comes_true([&] { return held.count() == 1; }));
  held.take().second->send(text("next"));
  EXPECT_EQ(stream.client.response()->body, "next");
}

TEST(HttpStream, HundredsGetTheSamePiece) {
  Held held;
  const auto server = start(local(), held.handler());
  std::vector<std::unique_ptr<Stream>> all;
  for (int i = 0; i < 300; ++i) {
    all.push_back(std::make_unique<Stream>(held, *server));
    ASSERT_TRUE(all.back()->client.head());
  }
  for (int round = 0; round < 5; ++round) {
    const Piece piece = piece_of(static_cast<char>('a' + round), 20'000);
    for (const auto& one : all) EXPECT_TRUE(comes_true([&] { return one->respond->offer(piece, 0); }));
    for (const auto& one : all) EXPECT_TRUE(*one->client.chunk() == *piece);
  }
  for (const auto& one : all) one->respond->end();
  for (const auto& one : all) EXPECT_EQ(*one->client.chunk(), "");
}

}  // namespace
}  // namespace saker::serve
