// The exchange byte for byte: what a request socket of libzmq puts on the wire (ZMTP 3.0, rfc.zeromq.org/spec/23) is
// written out here and sent through a plain socket.
#include "serve/zmq/zmq_loop.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>

#include "base/descriptor.h"
#include "support/temp_folder.h"

namespace saker::serve {
namespace {

using namespace std::string_literals;

class Wire {
 public:
  explicit Wire(const std::string& endpoint) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience = {30, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    EXPECT_EQ(connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }

  void greet() {
    const std::string signature = "\xff\0\0\0\0\0\0\0\x01\x7f"s;
    send(signature + "\x03\x00NULL"s + std::string(16, '\0') + std::string(1, '\0') + std::string(31, '\0'));
    const std::string greeting = receive(64);
    ASSERT_EQ(greeting.size(), 64U);
    EXPECT_EQ(greeting.substr(12, 4), "NULL");
    send("\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03REQ"s);
    const std::string ready = receive(2);
    ASSERT_EQ(ready.size(), 2U);
    EXPECT_EQ(ready[0], '\x04');
    EXPECT_EQ(receive(static_cast<unsigned char>(ready[1])).substr(0, 6), "\x05READY");
  }

  // Frames after the empty one that a request socket puts in front.
  void ask(const std::vector<std::string>& frames) {
    std::string bytes = "\x01\x00"s;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const char more = i + 1 < frames.size() ? 1 : 0;
      if (frames[i].size() < 256) {
        bytes += {more, static_cast<char>(frames[i].size())};
      } else {
        bytes += static_cast<char>(2 | more);
        for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>((frames[i].size() >> shift) & 0xff);
      }
      bytes += frames[i];
    }
    send(bytes);
  }

  // Those of the next answer, without the empty one.
  std::vector<std::string> answer() {
    std::vector<std::string> frames;
    for (bool more = true; more;) {
      const std::string flags = receive(1);
      if (flags.empty()) return {"closed"};
      more = (flags[0] & 1) != 0;
      std::size_t size = 0;
      for (const char digit : receive((flags[0] & 2) != 0 ? 8 : 1))
        size = size << 8 | static_cast<unsigned char>(digit);
      frames.push_back(receive(size));
    }
    EXPECT_EQ(frames.front(), "");
    frames.erase(frames.begin());
    return frames;
  }

  void send(const std::string& bytes) { ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  std::string receive(std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t got = 0;
    while (got < size) {
      const auto count = recv(socket_.get(), bytes.data() + got, size - got, 0);
      if (count <= 0) return bytes.substr(0, got);
      got += static_cast<std::size_t>(count);
    }
    return bytes;
  }

 private:
  Descriptor socket_;
};

const std::string kQuestion = R"({"model_request": true, "model_name": "signs.onnx"})";
const std::string kPicture = R"({"shape": [1, 4, 8, 3], "dtype": "uint8", "model_type": "yologeneric"})";
const std::string kReady = R"({"model_available": true, "model_loaded": true})";

class ZmqLoopTest : public ::testing::Test {
 protected:
  void start(const ZmqLoopOptions& options = {}, const std::string& endpoint = "tcp://127.0.0.1:*") {
    ZmqDetector detector;
    detector.ready = [this](const std::string&) { return ready_.load(); };
    detector.detect = [this](const std::string& model, frigate::Picture picture, ZmqDetector::Done done) {
      const std::scoped_lock lock(mutex_);
      asked_.push_back(model);
      sizes_.push_back(picture.size);
      if (held_) {
        later_ = std::move(done);
      } else if (refuse_) {
        done(Refusal{Reason::kOverloaded, "the queue is full", 1});
      } else {
        done(std::vector<Detection>{{2, 0.75F, 2, 1, 6, 3}});
      }
    };
    auto server = start_zmq_loop(endpoint, std::move(detector), metrics_, options);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
  }

  static void expect_boxes(const std::vector<std::string>& answer) {
    ASSERT_EQ(answer.size(), 2U);
    EXPECT_EQ(answer[0], R"({"shape": [20, 6], "dtype": "float32"})");
    ASSERT_EQ(answer[1].size(), 480U);
    std::array<float, 120> rows;
    std::memcpy(rows.data(), answer[1].data(), 480);
    const std::array<float, 6> expected = {2, 0.75F, 0.25F, 0.25F, 0.75F, 0.75F};
    for (std::size_t i = 0; i < 6; ++i) EXPECT_FLOAT_EQ(rows[i], expected[i]) << i;
    for (std::size_t i = 6; i < rows.size(); ++i) EXPECT_EQ(rows[i], 0.0F);
  }

  MetricRegistry metrics_;
  std::mutex mutex_;
  std::vector<std::string> asked_;
  std::vector<ImageSize> sizes_;
  std::atomic<bool> ready_ = true;
  bool refuse_ = false, held_ = false;
  ZmqDetector::Done later_;
  std::unique_ptr<ZmqServer> server_;
};

TEST_F(ZmqLoopTest, AnswersAsFrigateAsks) {
  start();
  Wire wire(server_->endpoint());
  wire.greet();
  wire.ask({kQuestion});
  EXPECT_EQ(wire.answer(), std::vector<std::string>{kReady});
  for (int i = 0; i < 3; ++i) {
    wire.ask({kPicture, std::string(96, '\x40')});
    expect_boxes(wire.answer());
  }
  EXPECT_EQ(asked_, (std::vector<std::string>{"signs.onnx", "signs.onnx", "signs.onnx"}));
  EXPECT_EQ(sizes_[0].width, 8);
  EXPECT_EQ(sizes_[0].height, 4);
}

TEST_F(ZmqLoopTest, TellsThatThereIsAModelWhenThereIs) {
  ready_ = false;
  start();
  Wire wire(server_->endpoint());
  wire.greet();
  wire.ask({kQuestion});
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  ready_ = true;
  EXPECT_EQ(wire.answer(), std::vector<std::string>{kReady});
}

TEST_F(ZmqLoopTest, TellsThatThereIsNoneWhenPatienceEndsAndTakesNoFile) {
  ready_ = false;
  ZmqLoopOptions options;
  options.patience = std::chrono::milliseconds(1);
  start(options);
  Wire wire(server_->endpoint());
  wire.greet();
  wire.ask({kQuestion});
  EXPECT_EQ(wire.answer(), std::vector<std::string>{R"({"model_available": false, "model_loaded": false})"});
  wire.ask({R"({"model_data": true, "model_name": "signs.onnx"})", std::string(5000, 'm')});
  const auto answer = wire.answer();
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_NE(answer[0].find(R"("model_saved": false)"), std::string::npos);
}

TEST_F(ZmqLoopTest, RefusalsAreZerosThatTheClientSurvives) {
  refuse_ = true;
  start();
  Wire wire(server_->endpoint());
  wire.greet();
  wire.ask({kPicture, std::string(96, 'x')});
  const auto answer = wire.answer();
  ASSERT_EQ(answer.size(), 2U);
  EXPECT_NE(answer[0].find("the queue is full"), std::string::npos);
  EXPECT_EQ(answer[1], std::string(480, '\0'));
}

TEST_F(ZmqLoopTest, MalformedMessagesGetAnAnswerAndNothingBreaks) {
  start();
  Wire wire(server_->endpoint());
  wire.greet();
  for (const std::vector<std::string>& frames : std::vector<std::vector<std::string>>{{"", ""},
                                                                                      {"{"},
                                                                                      {kPicture},
                                                                                      {kPicture, "short"},
                                                                                      {"{\"shape\": 3}", "x"},
                                                                                      std::vector<std::string>(40, "x"),
                                                                                      {std::string(200'000, '[')}}) {
    wire.ask(frames);
    const auto answer = wire.answer();
    ASSERT_EQ(answer.size(), 2U);
    EXPECT_NE(answer[0].find("error"), std::string::npos);
    EXPECT_EQ(answer[1], std::string(480, '\0'));
  }
  wire.ask({kPicture, std::string(96, 'x')});
  expect_boxes(wire.answer());
}

TEST_F(ZmqLoopTest, WhatSpeaksNoZeroMqIsLeftAlone) {
  ZmqLoopOptions options;
  options.max_message = 1000;
  start(options);
  Wire web(server_->endpoint());
  web.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(100, 'x'));
  Wire large(server_->endpoint());
  large.greet();
  large.ask({kPicture, std::string(5000, 'x')});
  EXPECT_EQ(large.answer(), std::vector<std::string>{"closed"});
  Wire bare(server_->endpoint());  // frames without the empty one: as ZeroMQ's own sockets, no answer
  bare.greet();
  bare.send("\x01\x02hi\x00\x02ho"s);
  Wire wire(server_->endpoint());
  wire.greet();
  wire.ask({kPicture, std::string(96, 'x')});
  expect_boxes(wire.answer());
}

TEST_F(ZmqLoopTest, OneSlowClientHoldsNobodyUp) {
  held_ = true;
  start();
  Wire slow(server_->endpoint());
  slow.greet();
  slow.ask({kPicture, std::string(96, 'x')});
  for (bool held = false; !held; std::this_thread::yield()) {
    const std::scoped_lock lock(mutex_);
    held = later_ != nullptr;
    if (held) held_ = false;
  }
  Wire fast(server_->endpoint());
  fast.greet();
  fast.ask({kPicture, std::string(96, 'x')});
  expect_boxes(fast.answer());
  later_(std::vector<Detection>{{2, 0.75F, 2, 1, 6, 3}});
  expect_boxes(slow.answer());
}

TEST_F(ZmqLoopTest, AnswersThatComeAfterItsEndAreLost) {
  held_ = true;
  start();
  Wire wire(server_->endpoint());
  wire.greet();
  wire.ask({kPicture, std::string(96, 'x')});
  for (bool held = false; !held; std::this_thread::yield()) {
    const std::scoped_lock lock(mutex_);
    held = later_ != nullptr;
  }
  server_.reset();
  later_(std::vector<Detection>{});
}

TEST_F(ZmqLoopTest, SaysWhyItCannotListen) {
  start();
  const ZmqDetector nobody;
  const auto taken = start_zmq_loop(server_->endpoint(), nobody, metrics_);
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().code, ErrorCode::kIo);
  EXPECT_NE(taken.error().message.find(server_->endpoint()), std::string::npos);
  const auto unknown = start_zmq_loop("http://127.0.0.1:80", nobody, metrics_);
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kInvalid);
  const auto nowhere = start_zmq_loop("ipc:///no/such/folder/socket", nobody, metrics_);
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(nowhere.error().code, ErrorCode::kIo);
}

TEST_F(ZmqLoopTest, ListensOnASocketFile) {
  const test::TempFolder folder;
  start({}, "ipc://" + folder.path("zmq_detector"));
  EXPECT_EQ(server_->endpoint(), "ipc://" + folder.path("zmq_detector"));
}

}  // namespace
}  // namespace saker::serve
