#include "serve/http/server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "serve/http/request_samples.h"
#include "serve/http/server_testing.h"

namespace saker::serve {
namespace {

using namespace std::chrono_literals;
TEST(HttpServer, AnswersOneRequestAfterAnotherOnAConnection) {
  const auto server = start(local(), echo);
  RawClient client(server->port());
  for (int i = 0; i < 3; ++i) {
    const auto response = client.exchange(get(fmt::format("/a?n={}", i)));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, fmt::format("GET /a?n={} ", i));
    EXPECT_EQ(response->headers.at("content-type"), "text/plain");
    EXPECT_EQ(response->headers.at("server"), "saker");
    EXPECT_EQ(response->headers.at("x-size"), "0");
    EXPECT_FALSE(response->headers.contains("connection"));
    EXPECT_EQ(response->headers.at("date").size(), 29U);
  }
  EXPECT_EQ(server->connections(), 1);
  const auto last = client.exchange(get("/", "Connection: close\r\n"));
  ASSERT_TRUE(last);
  EXPECT_EQ(last->headers.at("connection"), "close");
  EXPECT_TRUE(client.ended());
  EXPECT_TRUE(comes_true([&] { return server->connections() == 0; })) << "it lingers for a client that stays";
}

TEST(HttpServer, SpeaksHttp10) {
  const auto server = start(local(), echo);
  RawClient plain(server->port());
  const auto response = plain.exchange("GET /old HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "GET /old ");
  EXPECT_TRUE(plain.ended());
  RawClient kept(server->port());
  for (int i = 0; i < 2; ++i) {
    const auto again = kept.exchange("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->headers.at("connection"), "keep-alive");
  }
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  // On other threads, and the first ones last.
  const auto server = start(local(), [](const Request& request, const Respond& respond) {
    std::thread([request, respond] {
      if (request->target.size() % 2 == 0) std::this_thread::sleep_for(2ms);
      echo(request, respond);
    }).detach();
  });
  RawClient client(server->port());
  std::string all;
  for (int i = 0; i < 50; ++i) all += i % 3 == 0 ? post(fmt::format("body {}", i)) : get(fmt::format("/{}", i));
  ASSERT_TRUE(client.send(all));
  for (int i = 0; i < 50; ++i) {
    const auto response = client.response();
    ASSERT_TRUE(response) << i;
    EXPECT_EQ(response->body, i % 3 == 0 ? fmt::format("POST / body {}", i) : fmt::format("GET /{} ", i));
  }
}

TEST(HttpServer, HeadHasTheLengthAndNoBody) {
  const auto server = start(local(), echo);
  RawClient client(server->port());
  const auto response = client.exchange("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n", true);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->headers.at("content-length"), "8");
  EXPECT_EQ(client.exchange(get("/y"))->body, "GET /y ") << "nothing of the first answer stands before it";
}

TEST(HttpServer, LargeAndBinaryBodiesComeWhole) {
  std::string body(20 << 20, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 2654435761U >> 13);
  const auto server = start(local(), [](const Request& request, const Respond& respond) {
    HttpResponse response;
    response.body = request->body;
    if (const auto* length = request->header("inference-header-content-length"))
      response.headers.emplace_back("Inference-Header-Content-Length", *length);
    respond->send(std::move(response));
  });
  RawClient client(server->port());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.send(post(body, "Inference-Header-Content-Length: 17\r\n")));
    const auto response = client.response();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->headers.at("inference-header-content-length"), "17");
    EXPECT_TRUE(response->body == body);
  }
  std::string chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0, size = 1; at < body.size(); at += size, size = size * 3 % 1'000'003) {
    size = std::min(size, body.size() - at);
    chunked += fmt::format("{:x}\r\n", size);
    chunked.append(body, at, size).append("\r\n");
  }
  ASSERT_TRUE(client.send(chunked + "0\r\n\r\n"));
  const auto response = client.response();
  ASSERT_TRUE(response);
  EXPECT_TRUE(response->body == body);
}

TEST(HttpServer, SaysContinueToWhomeverWaitsForIt) {
  HttpOptions options = local();
  options.max_body = 100;
  const auto server = start(options, echo);
  RawClient client(server->port());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"));
    const auto go = client.head();
    ASSERT_TRUE(go);
    EXPECT_EQ(go->status, 100);
    EXPECT_EQ(client.exchange("hello")->body, "POST / hello");
  }
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 500\r\n\r\n"));
  const auto no = client.head();
  ASSERT_TRUE(no);
  EXPECT_EQ(no->status, 413) << "and the body is not asked for";
}

TEST(HttpServer, RequestIdsAreKeptOrMade) {
  const auto server = start(local(), [](const Request& request, const Respond& respond) {
    HttpResponse response;
    response.body = request->id;
    respond->send(std::move(response));
  });
  RawClient client(server->port());
  const auto given = client.exchange(get("/", "X-Request-Id: abc-1/2\r\n"));
  EXPECT_EQ(given->body, "abc-1/2");
  EXPECT_EQ(given->headers.at("x-request-id"), "abc-1/2");
  std::set<std::string> made;
  for (const std::string& odd : {std::string(), std::string("a b"), std::string(129, 'x'), std::string("\xc3\xa4")}) {
    const auto response = client.exchange(get("/", fmt::format("X-Request-Id: {}\r\n", odd)));
    EXPECT_EQ(response->body.size(), 16U) << odd;
    EXPECT_EQ(response->headers.at("x-request-id"), response->body);
    made.insert(response->body);
  }
  EXPECT_EQ(made.size(), 4U);
}

TEST(HttpServer, HandlersCannotBreakTheFraming) {
  const auto server = start(local(), [](const Request&, const Respond& respond) {
    HttpResponse response;
    response.headers = {{"X-Name", "a\r\nX-Injected: 1\r\n\r\nbody"},
                        {"Content-Length", "999"},
                        {"Bad Name\r\nX-Injected", "1"},
                        {"Transfer-Encoding", "chunked"}};
    response.body = "whole";
    respond->send(std::move(response));
  });
  RawClient client(server->port());
  for (int i = 0; i < 2; ++i) {
    const auto response = client.exchange(get("/"));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "whole");
    EXPECT_EQ(response->headers.at("x-name"), "a  X-Injected: 1    body");
    EXPECT_FALSE(response->headers.contains("x-injected"));
  }
}

TEST(HttpServer, MalformedRequestsGetAReasonAndTheEnd) {
  MetricRegistry metrics;
  const auto server = start(local(), echo, &metrics);
  for (const auto& [status, bytes] : bad_requests()) {
    if (status == 0) continue;
    if (status == 413) continue;  // larger limits here
    RawClient client(server->port());
    ASSERT_TRUE(client.send(bytes));
    const auto response = client.response();
    ASSERT_TRUE(response) << bytes;
    EXPECT_EQ(response->status, status) << bytes;
    EXPECT_FALSE(error_of(*response).empty()) << bytes;
    EXPECT_EQ(response->headers.at("connection"), "close");
    EXPECT_TRUE(client.ended());
  }
  EXPECT_NE(metrics.text().find("saker_http_turned_away_total{limit=\"malformed\"}"), std::string::npos);
  EXPECT_EQ(RawClient(server->port()).exchange(get("/"))->status, 200);
}

TEST(HttpServer, TooMuchIsRefusedWithItsStatus) {
  HttpOptions options = local();
  options.max_header = 1000;
  options.max_body = 10'000;
  const auto server = start(options, echo);
  const auto status = [&](const std::string& request) {
    RawClient client(server->port());
    client.send(request);
    const auto response = client.response();
    if (response && response->status != 200) {
      EXPECT_FALSE(error_of(*response).empty());
      EXPECT_TRUE(client.ended());
    }
    return response ? response->status : 0;
  };
  EXPECT_EQ(status(get("/", "X: " + std::string(900, 'x') + "\r\n")), 200);
  EXPECT_EQ(status(get("/", "X: " + std::string(1100, 'x') + "\r\n")), 431);
  EXPECT_EQ(status(get("/", "X: " + std::string(3 << 20, 'x') + "\r\n")), 431);
  EXPECT_EQ(status(post(std::string(10'000, 'b'))), 200);
  EXPECT_EQ(status(post(std::string(10'001, 'b'))), 413);
  EXPECT_EQ(status(post(std::string(3 << 20, 'b'))), 413) << "the answer arrives although nobody reads the body";
  EXPECT_EQ(status("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2000\r\n" + std::string(8192, 'c') +
                   "\r\n2000\r\n"),
            413);
  std::string many;
  for (int i = 0; i < 200; ++i) many += "a:\r\n";
  EXPECT_EQ(status(get("/", many)), 431);
}

TEST(HttpServer, AllBodiesTogetherAreLimited) {
  HttpOptions options = local();
  options.max_body = options.max_bodies = 1'000'000;
  Held held;
  const auto server = start(options, held.handler());
  RawClient first(server->port()), second(server->port());
  first.send(post(std::string(600'000, 'b')));
  ASSERT_TRUE(comes_true([&] { return held.count() == 1; }));
  const auto refused = second.exchange(post(std::string(600'000, 'b')));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_TRUE(refused->headers.contains("retry-after"));
  EXPECT_TRUE(second.ended());
  second.close();
  held.take().second->send(text("done"));
  EXPECT_EQ(first.response()->body, "done");
  const auto chunked = [](const std::string& body) {
    return fmt::format("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n",
                       body.size(), body);
  };
  EXPECT_TRUE(comes_true([&] {
    // What was held is free again, once those who were refused have gone.
    RawClient third(server->port());
    third.send(chunked(std::string(900'000, 'b')));
    const auto answered = [&] {
      pollfd readable = {third.descriptor(), POLLIN, 0};
      return ::poll(&readable, 1, 0) > 0;
    };
    while (held.count() == 0 && !answered()) std::this_thread::sleep_for(1ms);
    if (held.count() == 0) return false;
    held.take().second->send(text("done"));
    return third.response()->body == "done";
  }));
}

TEST(HttpServer, SlowClientsAreNotWaitedForLonger) {
  HttpOptions options = local();
  options.header_timeout = 150ms;
  options.body_timeout = 200ms;
  options.idle_timeout = 100ms;
  MetricRegistry metrics;
  const auto server = start(options, echo, &metrics);
  // Each byte is in time, all of them together are not.
  const auto drip = [&](const std::string& first, const std::string& drop) {
    RawClient client(server->port());
    client.send(first);
    const auto begin = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begin < 20s) {
      pollfd readable = {client.descriptor(), POLLIN, 0};
      if (::poll(&readable, 1, 10) > 0) break;
      if (!client.send(drop)) break;
    }
    const auto response = client.response();
    return response ? response->status : 0;
  };
  EXPECT_EQ(drip("GET / HTTP/1.1\r\nHost: h\r\n", "X: y\r\n"), 408);
  EXPECT_EQ(drip("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n", "b"), 408);
  EXPECT_EQ(drip("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nb\r\n"), 408);
  RawClient silent(server->port());
  EXPECT_TRUE(silent.ended());
  RawClient idle(server->port());
  EXPECT_EQ(idle.exchange(get("/"))->status, 200);
  EXPECT_TRUE(idle.ended());
  const std::string text = metrics.text();
  EXPECT_NE(text.find("saker_http_turned_away_total{limit=\"header_time\"} 1"), std::string::npos) << text;
  EXPECT_NE(text.find("saker_http_turned_away_total{limit=\"body_time\"} 2"), std::string::npos) << text;
}

TEST(HttpServer, WhoReadsNoAnswerIsLeftAlone) {
  HttpOptions options = local();
  options.write_timeout = 100ms;
  std::atomic<bool> asked = false;
  const auto server = start(options, [&](const Request&, const Respond& respond) {
    asked = true;
    HttpResponse response;
    response.body.resize(64 << 20);
    respond->send(std::move(response));
  });
  RawClient client(server->port());
  ASSERT_TRUE(client.send(get("/")));
  EXPECT_TRUE(comes_true([&] { return asked && server->connections() == 0; }));
  EXPECT_FALSE(client.response()) << "it was cut off";
}

TEST(HttpServer, TooManyConnectionsAreToldSo) {
  HttpOptions options = local();
  options.max_connections = 3;
  const auto server = start(options, echo);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawClient>(server->port()));
    EXPECT_EQ(clients.back()->exchange(get("/"))->status, 200);
  }
  for (int i = 0; i < 5; ++i) {
    RawClient more(server->port());
    more.send(get("/"));
    const auto response = more.response();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 503);
    EXPECT_TRUE(response->headers.contains("retry-after"));
    EXPECT_FALSE(error_of(*response).empty());
    EXPECT_TRUE(more.ended());
  }
  EXPECT_EQ(server->connections(), 3);
  EXPECT_EQ(clients[1]->exchange(get("/"))->status, 200) << "those there are go on";
  clients.pop_back();
  EXPECT_TRUE(comes_true([&] {
    RawClient again(server->port());
    const auto response = again.exchange(get("/"));
    return response && response->status == 200;
  }));
}

TEST(HttpServer, OnePeerHasSoManyConnections) {
  HttpOptions options = local();
  options.max_connections_per_peer = 2;
  const auto server = start(options, echo);
  RawClient one(server->port()), two(server->port());
  EXPECT_EQ(one.exchange(get("/"))->status, 200);
  EXPECT_EQ(two.exchange(get("/"))->status, 200);
  RawClient three(server->port());
  EXPECT_EQ(three.exchange(get("/"))->status, 503);
  one.close();
  EXPECT_TRUE(comes_true([&] {
    RawClient again(server->port());
    const auto response = again.exchange(get("/"));
    return response && response->status == 200;
  }));
}

TEST(HttpServer, NoAnswerIs500) {
  const auto server = start(local(), [](const Request& request, const Respond& respond) {
    if (request->target == "/throw") throw std::runtime_error("no");
    if (request->target == "/throw-int") throw 1;
    if (request->target == "/later") std::thread([respond] {}).detach();
    if (request->target == "/twice") {
      respond->send(text("first"));
      respond->send(text("second"));
    }
  });
  RawClient client(server->port());
  for (const char* target : {"/", "/throw", "/throw-int", "/later"}) {
    const auto response = client.exchange(get(target));
    ASSERT_TRUE(response) << target;
    EXPECT_EQ(response->status, 500) << target;
    EXPECT_FALSE(error_of(*response).empty());
  }
  EXPECT_EQ(client.exchange(get("/twice"))->body, "first");
  EXPECT_EQ(client.exchange(get("/"))->status, 500) << "nothing of the second answer is left";
}

TEST(HttpServer, TellsThatTheClientHasGone) {
  Held held;
  const auto server = start(local(), held.handler());
  for (const bool reset : {false, true}) {
    RawClient client(server->port());
    client.send(get("/"));
    ASSERT_TRUE(comes_true([&] { return held.count() == 1; }));
    const auto [request, respond] = held.take();
    EXPECT_FALSE(request->gone->load());
    if (reset) {
      client.reset();
    } else {
      client.close();
    }
    EXPECT_TRUE(comes_true([&, request = request] { return request->gone->load(); }));
    respond->send(text("to nobody"));
    EXPECT_TRUE(comes_true([&] { return server->connections() == 0; }));
  }
}

TEST(HttpServer, ANextRequestIsNoSignOfAnEnd) {
  Held held;
  const auto server = start(local(), held.handler());
  RawClient client(server->port());
  client.send(get("/1"));
  ASSERT_TRUE(comes_true([&] { return held.count() == 1; }));
  client.send(get("/2") + post(std::string(100'000, 'x')));
  const auto [first, respond_first] = held.take();
  std::this_thread::sleep_for(20ms);
  EXPECT_FALSE(first->gone->load());
  EXPECT_EQ(held.count(), 0U) << "one at a time";
  respond_first->send(text("one"));
  EXPECT_EQ(client.response()->body, "one");
  ASSERT_TRUE(comes_true([&] { return held.count() == 1; }));
  const auto [second, respond_second] = held.take();
  EXPECT_EQ(second->target, "/2");
  respond_second->send(text("two"));
  EXPECT_EQ(client.response()->body, "two");
  ASSERT_TRUE(comes_true([&] { return held.count() == 1; }));
  const auto [third, respond_third] = held.take();
  EXPECT_EQ(third->body.size(), 100'000U);
  client.end_sending();
  EXPECT_TRUE(comes_true([&, third = third] { return third->gone->load(); }));
  respond_third->send(text("three"));
  EXPECT_EQ(client.response()->body, "three") << "who has only finished sending gets the answer";
  EXPECT_TRUE(client.ended());
}

TEST(HttpServer, AnswersPieceByPiece) {
  Held held;
  const auto server = start(local(), held.handler());
  RawClient client(server->port());
  for (int round = 0; round < 2; ++round) {
    client.send(get("/"));
    ASSERT_TRUE(comes_true([&] { return held.count() == 1; }));
    const auto [request, respond] = held.take();
    EXPECT_FALSE(respond->write("too early"));
    respond->begin(text("data: 0\n\n"));
    const auto head = client.head();
    ASSERT_TRUE(head);
    EXPECT_EQ(head->headers.at("content-type"), "text/plain");
    EXPECT_EQ(*client.chunk(), "data: 0\n\n");
    for (int i = 1; i < 5; ++i) {
      const std::string piece = fmt::format("data: {}\n\n", i);
      EXPECT_TRUE(respond->write(piece));
      EXPECT_EQ(*client.chunk(), piece) << "each as soon as it is there";
    }
    EXPECT_TRUE(respond->write(""));  // no end
    respond->end();
    EXPECT_FALSE(respond->write("too late"));
    EXPECT_EQ(*client.chunk(), "");
  }
  client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(comes_true([&] { return held.count() == 1; }));
  {
    const auto [request, respond] = held.take();
    respond->begin(text("x"));
    respond->write("y");
    respond->end();
  }
  EXPECT_EQ(client.response(true)->status, 200);

  RawClient old(server->port());
  old.send("GET / HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(comes_true([&] { return held.count() == 1; }));
  {
    const auto [request, respond] = held.take();
    respond->begin(text("x"));
    respond->write("y");
    respond->end();
  }
  EXPECT_EQ(old.response()->body, "xy") << "without chunks, to the end of the connection";

  client.send(get("/"));
  ASSERT_TRUE(comes_true([&] { return held.count() == 1; }));
  {
    const auto [request, respond] = held.take();
    respond->begin(text("cut"));
  }
  EXPECT_FALSE(client.response()) << "let go without an end: nobody shall take it for whole";
}

TEST(HttpServer, PiecesForASlowReaderAreLeftOut) {
  Held held;
  const auto server = start(local(), held.handler());
  RawClient client(server->port());
  client.send(get("/"));
  ASSERT_TRUE(comes_true([&] { return held.count() == 1; }));
  const auto [request, respond] = held.take();
  respond->begin({});
  int left_out = 0;
  std::size_t taken = 0;
  for (int i = 0; i < 1000; ++i) {
    if (respond->write(std::string(100'000, 'x'))) {
      taken += 100'000;
    } else {
      ++left_out;
    }
  }
  EXPECT_GT(left_out, 0);
  ASSERT_TRUE(client.head());
  std::size_t read = 0;
  std::thread reader([&] {
    while (const auto piece = client.chunk()) {
      if (piece->empty()) break;
      read += piece->size();
    }
  });
  EXPECT_TRUE(comes_true([&, respond = respond] { return respond->write("more"); })) << "there is room again";
  respond->end();
  reader.join();
  EXPECT_EQ(read, taken + 4) << "what was taken arrives";

  RawClient leaving(server->port());
  leaving.send(get("/"));
  ASSERT_TRUE(comes_true([&] { return held.count() == 1; }));
  const auto [other, respond_other] = held.take();
  respond_other->begin({});
  leaving.close();
  EXPECT_TRUE(comes_true([&, respond = respond_other] { return !respond->write("x"); }));
}

TEST(HttpServer, CountsWhatItDoes) {
  MetricRegistry metrics;
  const auto server = start(local(), echo, &metrics);
  RawClient client(server->port());
  ASSERT_TRUE(client.exchange(get("/")));
  ASSERT_TRUE(client.exchange(get("/")));
  EXPECT_TRUE(comes_true([&] {
    const std::string text = metrics.text();
    return text.find("saker_http_responses_total{code=\"200\"} 2") != std::string::npos &&
           text.find("saker_http_connections 1") != std::string::npos;
  }));
  EXPECT_EQ(metrics.text().find("saker_http_received_bytes_total 0"), std::string::npos);
}

TEST(HttpServer, SaysWhyItCannotListen) {
  const auto first = start(local(), echo);
  HttpOptions options = local();
  options.port = first->port();
  const auto taken = HttpServer::start(options, echo, nullptr);
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().code, ErrorCode::kIo);
  EXPECT_NE(taken.error().message.find(std::to_string(first->port())), std::string::npos);
  options.address = "localhost.nowhere";
  EXPECT_EQ(HttpServer::start(options, echo, nullptr).error().code, ErrorCode::kInvalid);
  options = local();
  options.address = "192.0.2.1";  // for documentation: nobody has it
  EXPECT_EQ(HttpServer::start(options, echo, nullptr).error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace saker::serve
