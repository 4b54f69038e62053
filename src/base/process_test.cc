// Programs started, talked to, ended and killed.
#include "base/process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "base/clock.h"
#include "support/temp_folder.h"

namespace saker {
namespace {

constexpr double kLong = 20'000;  // ms; only reached when something is wrong

std::vector<std::string> shell(const std::string& script) {
  return {"sh", "-c", script};
}

TEST(Process, RunsToTheEnd) {
  const auto output = run_program(shell("echo one; echo two; echo oops >&2; exit 3"), kLong);
  ASSERT_TRUE(output.ok()) << output.error().message;
  EXPECT_EQ(output->out, "one\ntwo\n");
  EXPECT_EQ(output->errors, "oops\n");
  EXPECT_EQ(output->ending.code, 3);
  EXPECT_EQ(to_string(output->ending), "exit code 3");
}

TEST(Process, ArgumentsAreNotForAShell) {
  const auto output = run_program({"printf", "%s|", "a b", "$HOME", "'", ""}, kLong);
  ASSERT_TRUE(output.ok());
  EXPECT_EQ(output->out, "a b|$HOME|'||");
}

TEST(Process, MissingProgramIsNamed) {
  for (const char* name : {"saker-no-such-program", "/nowhere/program", ""}) {
    const auto output = run_program({name}, kLong);
    ASSERT_FALSE(output.ok());
    EXPECT_EQ(output.error().code, ErrorCode::kNotFound);
    EXPECT_NE(output.error().message.find(name), std::string::npos);
  }
  EXPECT_FALSE(run_program({}, kLong).ok());
  const auto folder = run_program({"/"}, kLong);
  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.error().code, ErrorCode::kIo);
}

TEST(Process, LinesBothWays) {
  ProcessOptions options;
  options.write = true;
  auto process = Process::start(shell("while read -r line; do echo \"got $line\"; done; printf end"), options);
  ASSERT_TRUE(process.ok());
  for (const char* word : {"first", "second"}) {
    ASSERT_TRUE(process->write_line(word).ok());
    const auto line = process->read_line(kLong);
    ASSERT_TRUE(line.ok());
    EXPECT_EQ(**line, std::string("got ") + word);
  }
  process->close_input();
  EXPECT_EQ(**process->read_line(kLong), "end");  // without its newline
  EXPECT_FALSE(process->read_line(kLong)->has_value());
  EXPECT_TRUE(process->wait(kLong)->ok());
  EXPECT_TRUE(process->wait(kLong)->ok());
}

TEST(Process, EmptyInputUnlessWrittenTo) {
  const auto output = run_program({"cat"}, kLong);
  ASSERT_TRUE(output.ok());
  EXPECT_EQ(output->out, "");
}

TEST(Process, SilenceEndsInAnError) {
  auto process = Process::start({"sleep", "100"});
  ASSERT_TRUE(process.ok());
  const auto line = process->read_line(20);
  ASSERT_FALSE(line.ok());
  EXPECT_EQ(line.error().code, ErrorCode::kLimit);
  EXPECT_FALSE(process->wait(20).ok());
  process->kill();
  EXPECT_EQ(process->wait(kLong)->signal, SIGKILL);
}

TEST(Process, DeathIsToldWithItsSignal) {
  auto process = Process::start(shell("echo before; kill -SEGV $$"));
  ASSERT_TRUE(process.ok());
  EXPECT_EQ(**process->read_line(kLong), "before");
  EXPECT_FALSE(process->read_line(kLong)->has_value());
  const auto ending = process->wait(kLong);
  ASSERT_TRUE(ending.ok());
  EXPECT_FALSE(ending->ok());
  EXPECT_EQ(ending->signal, SIGSEGV);
  EXPECT_NE(to_string(*ending).find("signal 11"), std::string::npos);
}

TEST(Process, WritingToTheDeadIsAnErrorAndNoSignal) {
  ProcessOptions options;
  options.write = true;
  auto process = Process::start({"true"}, options);
  ASSERT_TRUE(process.ok());
  ASSERT_TRUE(process->wait(kLong).ok());
  const auto status = process->write_line("hello");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kIo);
}

TEST(Process, OutputIsBounded) {
  ProcessOptions options;
  options.max_buffered = 100'000;
  EXPECT_EQ(run_program({"yes"}, kLong, options).error().code, ErrorCode::kLimit);
  auto endless = Process::start(shell("while :; do printf xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done"), options);
  ASSERT_TRUE(endless.ok());
  EXPECT_EQ(endless->read_line(kLong).error().code, ErrorCode::kLimit);
}

TEST(Process, OnlyTheEndOfErrorsIsKept) {
  const auto output =
      run_program(shell("i=0; while [ $i -lt 3000 ]; do echo \"line $i\" >&2; i=$((i+1)); done"), kLong);
  ASSERT_TRUE(output.ok());
  EXPECT_LE(output->errors.size(), 8192U);
  EXPECT_TRUE(output->errors.ends_with("line 2999\n"));
}

TEST(Process, LargeOutputArrivesWhole) {
  const auto output = run_program({"head", "-c", "3000000", "/dev/zero"}, kLong);
  ASSERT_TRUE(output.ok());
  EXPECT_EQ(output->out.size(), 3'000'000U);
}

TEST(Process, ItsFilesGrowToALimit) {
  const test::TempFolder folder;
  ProcessOptions options;
  options.max_file_bytes = 1000;
  const auto output = run_program(shell("head -c 5000 /dev/zero > " + folder.path("file")), kLong, options);
  ASSERT_TRUE(output.ok()) << output.error().message;
  EXPECT_FALSE(output->ending.ok());
  EXPECT_EQ(std::filesystem::file_size(folder.path("file")), 1000U);
}

TEST(Process, AGrandchildDoesNotHoldUsUp) {
  const Stopwatch watch;
  const auto output = run_program(shell("sleep 30 & echo done"), kLong);
  ASSERT_TRUE(output.ok()) << output.error().message;
  EXPECT_EQ(output->out, "done\n");
  EXPECT_LT(watch.ms(), kLong);
}

TEST(Process, SuspendedAndResumed) {
  ProcessOptions options;
  options.write = true;
  auto process = Process::start({"cat"}, options);
  ASSERT_TRUE(process.ok());
  process->suspend();
  ASSERT_TRUE(process->write_line("hello").ok());
  EXPECT_FALSE(process->read_line(50).ok());
  process->resume();
  EXPECT_EQ(**process->read_line(kLong), "hello");
}

TEST(Process, KilledWhenForgotten) {
  pid_t pid = 0;
  {
    auto process = Process::start({"sleep", "100"});
    ASSERT_TRUE(process.ok());
    pid = process->pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_NE(::kill(pid, 0), 0);
}

}  // namespace
}  // namespace saker
