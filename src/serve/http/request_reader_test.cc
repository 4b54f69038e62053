#include "serve/http/request_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "serve/http/request_samples.h"

namespace saker::serve {
namespace {

constexpr std::size_t kMaxHeader = 1024, kMaxBody = 4096;
using Stage = RequestReader::Stage;

struct Read {
  std::vector<HttpRequest> requests;
  int refused = 0;  // status
  std::string message;
  std::string rest;  // what no request took
};

// As a connection does it; `piece`: so many bytes come at a time. Half of the bodies go the direct way.
Read read_all(std::string_view bytes, std::size_t piece) {
  RequestReader reader(kMaxHeader, kMaxBody);
  Read read;
  std::string waiting;
  while (true) {
    const std::size_t taken = reader.feed(waiting);
    EXPECT_LE(taken, waiting.size());
    waiting.erase(0, taken);
    if (reader.stage() == Stage::kWhole) {
      read.requests.push_back(reader.take());
      continue;
    }
    if (reader.stage() == Stage::kRefused) {
      read.refused = reader.refused().status;
      read.message = reader.refused().message;
      break;
    }
    if (taken > 0 && !waiting.empty()) continue;
    if (bytes.empty()) break;
    const std::span<char> room = waiting.empty() ? reader.room() : std::span<char>();
    const std::size_t n = std::min({piece, bytes.size(), room.empty() ? bytes.size() : room.size()});
    if (room.empty()) {
      waiting.append(bytes.substr(0, n));
    } else {
      std::copy_n(bytes.begin(), n, room.begin());
      reader.filled(n);
    }
    bytes.remove_prefix(n);
  }
  read.rest = waiting;
  return read;
}

TEST(RequestReader, ReadsTheSameHoweverTheBytesCome) {
  for (const std::string& sample : good_requests()) {
    const Read whole = read_all(sample + sample, 1 << 20);
    ASSERT_EQ(whole.requests.size(), 2U) << sample << whole.message;
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U}) {
      const Read parts = read_all(sample + sample, piece);
      ASSERT_EQ(parts.requests.size(), 2U) << sample << parts.message;
      for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(parts.requests[i].method, whole.requests[0].method);
        EXPECT_EQ(parts.requests[i].target, whole.requests[0].target);
        EXPECT_EQ(parts.requests[i].headers, whole.requests[0].headers);
        EXPECT_EQ(parts.requests[i].body, whole.requests[0].body);
      }
      EXPECT_TRUE(parts.rest.empty());
    }
  }
}

TEST(RequestReader, KeepsBodiesAsTheyAre) {
  std::string body;
  for (int i = 0; i < 2000; ++i) body.push_back(static_cast<char>(i * 37));
  const Read by_length =
      read_all(fmt::format("POST /a?b=%20c HTTP/1.1\r\nHost: h\r\nInference-Header-Content-Length: 7\r\n"
                           "Content-Length: {}\r\n\r\n{}",
                           body.size(), body),
               100);
  ASSERT_EQ(by_length.requests.size(), 1U);
  EXPECT_EQ(by_length.requests[0].body, body);
  EXPECT_EQ(by_length.requests[0].target, "/a?b=%20c");
  ASSERT_NE(by_length.requests[0].header("inference-header-content-length"), nullptr);
  EXPECT_EQ(*by_length.requests[0].header("inference-header-content-length"), "7");

  const Read chunked = read_all(
      fmt::format("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{:x};name=\"value\"\r\n{}\r\n"
                  "{:X}\r\n{}\r\n0\r\nX-Trailer: ignored\r\n\r\n",
                  1500, body.substr(0, 1500), 500, body.substr(1500)),
      100);
  ASSERT_EQ(chunked.requests.size(), 1U) << chunked.message;
  EXPECT_EQ(chunked.requests[0].body, body);
  EXPECT_EQ(chunked.requests[0].header("X-Trailer"), nullptr);
}

TEST(RequestReader, TakesTargetsAsProxiesSendThem) {
  const auto target = [](const std::string& given) {
    const Read read = read_all(fmt::format("GET {} HTTP/1.1\r\nHost: h\r\n\r\n", given), 1 << 20);
    return read.requests.size() == 1 ? read.requests[0].target : fmt::format("{}", read.refused);
  };
  EXPECT_EQ(target("http://host:80/v2?x=1"), "/v2?x=1");
  EXPECT_EQ(target("HTTP://host"), "/");
  EXPECT_EQ(target("http://host?x"), "/?x");
  EXPECT_EQ(target("/../%2e%2e/"), "/../%2e%2e/");
  EXPECT_EQ(target("host:443"), "400");
  EXPECT_EQ(target("*"), "400");
}

TEST(RequestReader, RefusesWhatTwoReadersCouldUnderstandDifferently) {
  for (const auto& [status, bytes] : bad_requests()) {
    for (const std::size_t piece : {1U << 20U, 1U}) {
      const Read read = read_all(bytes, piece);
      EXPECT_EQ(read.refused, status) << bytes;
      EXPECT_FALSE(status != 0 && read.message.empty()) << bytes;
      EXPECT_TRUE(read.requests.empty()) << bytes;
    }
  }
}

TEST(RequestReader, HoldsItsLimits) {
  const std::string line = "GET / HTTP/1.1\r\nHost: h\r\n";
  const std::string fill = "X: " + std::string(kMaxHeader - line.size() - 7, 'x') + "\r\n\r\n";
  EXPECT_EQ((line + fill).size(), kMaxHeader);
  EXPECT_EQ(read_all(line + fill, 1 << 20).requests.size(), 1U);
  EXPECT_EQ(read_all(line + "Y" + fill, 1 << 20).refused, 431);
  EXPECT_EQ(read_all(line + "Y" + fill, 1).refused, 431);
  EXPECT_EQ(read_all(std::string(kMaxHeader, 'G'), 1 << 20).refused, 431);

  const auto post = [](std::size_t bytes) {
    return fmt::format("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", bytes);
  };
  EXPECT_EQ(read_all(post(kMaxBody) + std::string(kMaxBody, 'b'), 1000).requests.size(), 1U);
  EXPECT_EQ(read_all(post(kMaxBody + 1), 1 << 20).refused, 413) << "before any of it has come";

  const std::string chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string chunk = "400\r\n" + std::string(1024, 'c') + "\r\n";
  EXPECT_EQ(read_all(chunked + chunk + chunk + chunk + chunk + "0\r\n\r\n", 1000).requests.size(), 1U);
  EXPECT_EQ(read_all(chunked + chunk + chunk + chunk + chunk + "1\r\nc\r\n", 1000).refused, 413);
  EXPECT_EQ(read_all(chunked + "1;" + std::string(kMaxHeader, 'e') + "\r\nc\r\n0\r\n\r\n", 1).refused, 431);
  EXPECT_EQ(read_all(chunked + "0\r\nTrailer: " + std::string(kMaxHeader, 't'), 1).refused, 431);
}

TEST(RequestReader, BodiesAreNoLargerThanWhatHasCome) {
  RequestReader reader(kMaxHeader, std::size_t{64} << 20);
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 60000000\r\n\r\n";
  EXPECT_EQ(reader.feed(head), head.size());
  std::size_t received = 0;
  for (int i = 0; i < 100; ++i) {
    const std::size_t room = reader.room().size();
    EXPECT_LE(room, std::max<std::size_t>(64 << 10, received / 4));
    EXPECT_LE(reader.head().body.capacity(), std::max<std::size_t>(256 << 10, 3 * (received + room)));
    const std::size_t n = std::min<std::size_t>(room, 50'000);
    reader.filled(n);
    received += n;
  }
}

// Anything may come: it reads or refuses, stays within its limits, and understands the same however the bytes come.
TEST(RequestReader, SurvivesMutatedRequests) {
  PortableRandom random(1);
  for (int i = 0; i < 20'000; ++i) {
    const std::string bytes = mutated_request(random);
    const Read whole = read_all(bytes, 1 << 20);
    const Read parts = read_all(bytes, 1 + random.below(40));
    ASSERT_EQ(whole.requests.size(), parts.requests.size()) << bytes;
    ASSERT_EQ(whole.refused, parts.refused) << bytes;
    for (std::size_t r = 0; r < whole.requests.size(); ++r) {
      ASSERT_LE(whole.requests[r].body.size(), kMaxBody);
      ASSERT_EQ(whole.requests[r].body, parts.requests[r].body);
      ASSERT_EQ(whole.requests[r].target.find_first_of("\r\n"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace saker::serve
