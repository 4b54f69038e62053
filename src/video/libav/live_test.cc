// Live sources: served by ffmpeg on this machine, lost, silent, not there.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "base/descriptor.h"
#include "video/libav/video_testing.h"

namespace saker::video {
namespace {

const int kNoProxy = ::setenv("no_proxy", "127.0.0.1", 1);

// A port of this machine that is free, or one where somebody listens and says nothing.
class Port {
 public:
  Port() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    number_ = std::to_string(ntohs(address.sin_port));
  }
  void listen() const { EXPECT_EQ(::listen(socket_.get(), 4), 0); }
  void free() { socket_ = Descriptor(); }
  const std::string& number() const { return number_; }

 private:
  Descriptor socket_;
  std::string number_;
};

// An endless stream in real time, until it is killed.
Result<Process> serve(const std::string& address) {
  ProcessOptions options;
  options.keep_errors = false;
  return Process::start(
      {"ffmpeg", "-v",      "quiet",   "-nostdin",  "-re", "-f", "lavfi",   "-i", "testsrc=rate=25:size=160x120",
       "-c:v",   "libx264", "-preset", "ultrafast", "-g",  "10", "-listen", "1",  "-f",
       "mpegts", address},
      options);
}

// The server needs a while before it listens.
Result<std::unique_ptr<Reader>> open_patiently(const std::string& source, const ReadOptions& options) {
  auto reader = library().open(source, options);
  for (int i = 0; i < 600 && !reader.ok(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    reader = library().open(source, options);
  }
  return reader;
}

ReadOptions patience(double open, double read) {
  ReadOptions options;
  options.open_seconds = open;
  options.read_seconds = read;
  return options;
}

TEST(Live, AStreamIsReadUntilItIsLost) {
  SAKER_NEEDS_FFMPEG();
  Port port;
  port.free();
  for (const char* scheme : {"tcp", "http"}) {
    const std::string source = std::string(scheme) + "://127.0.0.1:" + port.number();
    auto server = serve(source);
    ASSERT_TRUE(server.ok()) << server.error().message;
    auto reader = open_patiently(source, patience(60, 60));
    ASSERT_TRUE(reader.ok()) << reader.error().message;
    EXPECT_TRUE((*reader)->info().live);
    std::int64_t last = -1;
    for (int i = 0; i < 30; ++i) {
      const auto frame = (*reader)->next();
      ASSERT_TRUE(frame.ok() && frame->has_value());
      EXPECT_EQ((*frame)->planes.width, 160);
      EXPECT_GT((*frame)->pts, last);
      EXPECT_LE((*frame)->received, std::chrono::steady_clock::now());
      last = (*frame)->pts;
      if (i == 0) {
        EXPECT_EQ(last, 0);
      }
    }
    server->kill();
    Result<std::optional<VideoFrame>> frame = (*reader)->next();
    for (int i = 0; i < 1000 && frame.ok(); ++i) frame = (*reader)->next();  // what has come already
    ASSERT_FALSE(frame.ok());
    EXPECT_EQ(frame.error().code, ErrorCode::kIo);
    EXPECT_EQ(frame.error().message.find(source), 0u) << frame.error().message;
  }
}

TEST(Live, ASilentStreamIsGivenUp) {
  SAKER_NEEDS_FFMPEG();
  Port port;
  port.free();
  const std::string source = "tcp://127.0.0.1:" + port.number();
  auto server = serve(source);
  ASSERT_TRUE(server.ok()) << server.error().message;
  auto reader = open_patiently(source, patience(60, 1));
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  server->suspend();
  const auto begin = std::chrono::steady_clock::now();
  Result<std::optional<VideoFrame>> frame = (*reader)->next();
  for (int i = 0; i < 1000 && frame.ok(); ++i) frame = (*reader)->next();
  ASSERT_FALSE(frame.ok());
  EXPECT_NE(frame.error().message.find("nothing came for 1 s"), std::string::npos) << frame.error().message;
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
  server->resume();
}

TEST(Live, AnInterruptEndsTheWaiting) {
  SAKER_NEEDS_FFMPEG();
  Port port;
  port.free();
  const std::string source = "tcp://127.0.0.1:" + port.number();
  auto server = serve(source);
  ASSERT_TRUE(server.ok()) << server.error().message;
  auto reader = open_patiently(source, patience(60, 3600));
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  server->suspend();
  std::thread other([&reader] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    (*reader)->interrupt();
  });
  Result<std::optional<VideoFrame>> frame = (*reader)->next();
  for (int i = 0; i < 1000 && frame.ok(); ++i) frame = (*reader)->next();
  other.join();
  ASSERT_FALSE(frame.ok());
  EXPECT_NE(frame.error().message.find("stopped"), std::string::npos) << frame.error().message;
  server->resume();
}

TEST(Live, WhoDoesNotAnswerIsGivenUp) {
  Port port;
  port.listen();
  for (const char* scheme : {"rtsp", "http", "rtmp", "tcp"}) {
    const std::string source = std::string(scheme) + "://user:geheim@127.0.0.1:" + port.number() + "/a?token=geheim2";
    const Watched watched = watch(source, patience(0.5, 0.5));
    EXPECT_EQ(watched.code, ErrorCode::kIo) << watched.error;
    EXPECT_EQ(watched.error.find(std::string(scheme) + "://user:***@127.0.0.1:" + port.number()), 0u) << watched.error;
    EXPECT_NE(watched.error.find("nothing came for 0.5 s"), std::string::npos) << watched.error;
    EXPECT_EQ(watched.error.find("geheim"), std::string::npos) << watched.error;
  }
}

TEST(Live, WhereNobodyListens) {
  Port port;
  port.free();
  for (const char* scheme : {"rtsp", "http", "rtmp", "tcp"}) {
    const Watched watched =
        watch(std::string(scheme) + "://user:geheim@127.0.0.1:" + port.number() + "/a?token=geheim2", patience(60, 60));
    EXPECT_EQ(watched.code, ErrorCode::kIo) << watched.error;
    EXPECT_NE(watched.error.find("refused"), std::string::npos) << watched.error;
    EXPECT_EQ(watched.error.find("geheim"), std::string::npos) << watched.error;
  }
  EXPECT_EQ(watch("nonsense://user:geheim@host/").code, ErrorCode::kUnsupported);
}

// From the network to files of this machine there is no way.
TEST(Live, PlaylistsFromTheNetworkLeadToNoFiles) {
  SAKER_NEEDS_FFMPEG();
  const Clips clips;
  const std::string clip = clips.make_test("a.ts", "64x48", 5, {"-c:v", "libx264"});
  for (const std::string& source :
       {"concat://" + clip, "subfile,,start,0,end,0,,:" + clip, "file://" + clip, std::string("data://text/plain,x")}) {
    EXPECT_TRUE(watch(source, patience(10, 10)).frames.empty()) << source;
  }
}

}  // namespace
}  // namespace saker::video
