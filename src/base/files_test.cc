// Files of every kind, read and written; temporary ones, whatever ends the program.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

#include "base/files.h"
#include "base/read_stream.h"
#include "base/temporary.h"
#include "support/temp_folder.h"

namespace saker {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::string text_of(const FileBytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data.get()), bytes.size};
}

std::string text_in(const std::string& path) {
  return text_of(*read_file(path, 1 << 20));
}

std::string make_pipe(const test::TempFolder& folder, const std::string& name) {
  EXPECT_EQ(::mkfifo(folder.path(name).c_str(), 0600), 0);
  return folder.path(name);
}

// Writes to a pipe, slower than it is read.
std::thread slow_writer(const std::string& path, std::string first, std::string second) {
  return std::thread([=] {
    const int fd = ::open(path.c_str(), O_WRONLY);
    EXPECT_EQ(::write(fd, first.data(), first.size()), static_cast<ssize_t>(first.size()));
    std::this_thread::sleep_for(30ms);
    EXPECT_EQ(::write(fd, second.data(), second.size()), static_cast<ssize_t>(second.size()));
    ::close(fd);
  });
}

TEST(ReadFile, WhatWasFoundMustBeARegularFile) {
  const test::TempFolder folder;
  for (const std::string& path : {make_pipe(folder, "pipe"), std::string("/dev/zero")}) {
    for (const auto& got : {read_file(path, 100), read_file_range(path, 0, 1)}) {
      ASSERT_FALSE(got.ok());
      EXPECT_EQ(got.error().code, ErrorCode::kIo);
      EXPECT_EQ(got.error().message, path + ": is not a regular file");
    }
  }
}

TEST(ReadFile, ANamedPipeIsReadToItsEnd) {
  const test::TempFolder folder;
  const std::string path = make_pipe(folder, "pipe");
  const std::string first(100'000, 'a'), second(200'000, 'b');
  std::thread writer = slow_writer(path, first, second);
  const auto got = read_named_file(path, 1 << 20);
  writer.join();
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(text_of(*got), first + second);
}

TEST(ReadFile, AStreamWithoutEndStopsAtTheLimit) {
  const auto got = read_named_file("/dev/zero", 1 << 20);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::kLimit);
}

TEST(ReadFile, FirstBytesCanBeEnough) {
  const test::TempFolder folder;
  const std::string path = folder.write("sparse", "no picture");
  fs::resize_file(path, std::uintmax_t{1} << 40);
  const auto refuse = [](std::span<const std::byte> first) {
    return Status(Error{ErrorCode::kInvalid, std::to_string(first.size())});
  };
  for (const std::string& each : {path, std::string("/dev/zero")}) {
    const auto got = read_named_file(each, std::size_t{1} << 41, refuse);
    ASSERT_FALSE(got.ok());
    EXPECT_EQ(got.error().message, each + ": 65536");
  }
}

TEST(ReadStream, PatienceEnds) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const auto silent = read_stream(ends[0], "pipe", 100, {}, {20ms, 1h});
  ASSERT_FALSE(silent.ok());
  EXPECT_EQ(silent.error().code, ErrorCode::kLimit);
  EXPECT_NE(silent.error().message.find("nothing came"), std::string::npos) << silent.error().message;
  const auto endless = read_stream(ends[0], "pipe", 100, {}, {1h, 20ms});
  ASSERT_FALSE(endless.ok());
  EXPECT_NE(endless.error().message.find("no end"), std::string::npos) << endless.error().message;
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(FileWriter, ManyPiecesAreOneFile) {
  const test::TempFolder folder;
  const std::string path = folder.path("out");
  std::string all;
  auto file = FileWriter::create(path);
  ASSERT_TRUE(file.ok());
  for (const std::size_t length : {std::size_t{1}, std::size_t{70'000}, std::size_t{65'535}, std::size_t{3}}) {
    const std::string piece(length, static_cast<char>('a' + all.size() % 26));
    ASSERT_TRUE(file->append(piece).ok());
    all += piece;
  }
  EXPECT_FALSE(fs::exists(path));
  ASSERT_TRUE(file->finish().ok());
  EXPECT_EQ(text_in(path), all);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"out"});
}

TEST(FileWriter, WritesBehindLinks) {
  const test::TempFolder folder;
  folder.write("there/target", "old");
  fs::create_symlink("there/target", folder.path("link"));
  fs::create_symlink("there/new", folder.path("dangling"));
  ASSERT_TRUE(write_file(folder.path("link"), "text").ok());
  ASSERT_TRUE(write_file(folder.path("dangling"), "more").ok());
  EXPECT_TRUE(fs::is_symlink(folder.path("link")));
  EXPECT_EQ(text_in(folder.path("there/target")), "text");
  EXPECT_EQ(text_in(folder.path("there/new")), "more");
}

TEST(FileWriter, TakesTheLongestNames) {
  const test::TempFolder folder;
  const std::string longest = folder.path(std::string(255, 'n')), longer = folder.path(std::string(256, 'n'));
  EXPECT_TRUE(check_writable(longest).ok());
  EXPECT_TRUE(write_file(longest, "text").ok());
  EXPECT_FALSE(check_writable(longer).ok());
  EXPECT_FALSE(write_file(longer, "text").ok());
  const Status made = make_folder(longer);
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().message.find("File name too long"), std::string::npos) << made.error().message;
}

// A program that has a file and a folder half written when `end` is called.
[[noreturn]] void half_written(const std::string& folder, void (*end)()) {
  remove_temporaries_on_signals();
  auto file = FileWriter::create(folder + "/file");
  const TemporaryPath made = TemporaryPath::beside(folder + "/folder");
  fs::create_directories(made.path() + "/a/b");
  for (int i = 0; i < 300; ++i) (void)write_file(made.path() + "/a/b/" + std::to_string(i), "text");
  end();
  ::_exit(0);
}

TEST(TemporaryPath, SignalsLeaveNothingBehind) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  for (const auto& [signal, end] : {std::pair(
                                        SIGTERM, +[] { ::raise(SIGTERM); }),
                                    {SIGINT, +[] { ::raise(SIGINT); }},
                                    {SIGPIPE, +[] { ::raise(SIGPIPE); }}}) {
    const test::TempFolder folder;
    EXPECT_EXIT(half_written(folder.path(), end), testing::KilledBySignal(signal), "");
    EXPECT_EQ(folder.names(), std::vector<std::string>());
  }
}

TEST(TemporaryPath, AFileBeyondTheLimitIsAnError) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const test::TempFolder folder;
  const auto write_too_much = [&] {
    remove_temporaries_on_signals();
    const rlimit limit = {1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const Status written = write_file(folder.path("file"), std::string(2000, 'a'));
    ::_exit(!written.ok() && written.error().message.find("too large") != std::string::npos ? 3 : 0);
  };
  EXPECT_EXIT(write_too_much(), testing::ExitedWithCode(3), "");
  EXPECT_EQ(folder.names(), std::vector<std::string>());
}

TEST(TemporaryPath, IsGoneWithItsOwner) {
  const test::TempFolder folder;
  {
    TemporaryPath made = TemporaryPath::beside(folder.path("x"));
    fs::create_directories(made.path() + "/in/it");
    const TemporaryPath moved = std::move(made);
    TemporaryPath kept = TemporaryPath::beside(folder.path("y"));
    fs::create_directory(kept.path());
    fs::rename(kept.path(), folder.path("y"));
    kept.keep();
  }
  EXPECT_EQ(folder.names(), std::vector<std::string>{"y"});
}

}  // namespace
}  // namespace saker
