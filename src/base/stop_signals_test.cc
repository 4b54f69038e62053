// The first signal stops cleanly, the second as before.
#include "base/stop_signals.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>

namespace saker {
namespace {

int handled_by_ours = 0;
void ours(int /*number*/) {
  handled_by_ours = handled_by_ours + 1;
}

TEST(StopSignals, TheFirstCallsStopTheSecondDoesWhatItDid) {
  handled_by_ours = 0;
  const auto before = ::signal(SIGTERM, ours);
  {
    std::promise<void> stopped;
    const StopSignals stop([&] { stopped.set_value(); });
    EXPECT_FALSE(stop.stopped());
    EXPECT_EQ(stop.signal(), 0);
    ::raise(SIGTERM);
    stopped.get_future().wait();
    EXPECT_TRUE(stop.stopped());
    EXPECT_EQ(stop.signal(), SIGTERM);
    EXPECT_EQ(handled_by_ours, 0);
    ::raise(SIGTERM);
    EXPECT_EQ(handled_by_ours, 1);
  }
  ::raise(SIGTERM);
  EXPECT_EQ(handled_by_ours, 2);
  ::signal(SIGTERM, before);
}

TEST(StopSignals, WithoutASignalNothingChanges) {
  handled_by_ours = 0;
  const auto before = ::signal(SIGINT, ours);
  {
    const StopSignals stop([] { ADD_FAILURE() << "nobody asked for it"; });
  }
  ::raise(SIGINT);
  EXPECT_EQ(handled_by_ours, 1);
  ::signal(SIGINT, before);
}

TEST(StopSignals, WhatIsIgnoredStaysSo) {
  const auto before = ::signal(SIGHUP, SIG_IGN);
  {
    const StopSignals stop([] { ADD_FAILURE() << "nobody asked for it"; });
    ::raise(SIGHUP);
    EXPECT_FALSE(stop.stopped());
  }
  ::signal(SIGHUP, before);
}

TEST(StopSignals, TheEndOfTheTimeStops) {
  std::promise<void> stopped;
  const StopSignals stop([&] { stopped.set_value(); }, 0.01);
  stopped.get_future().wait();
  EXPECT_TRUE(stop.stopped());
  EXPECT_EQ(stop.signal(), 0);
}

TEST(StopSignals, TheSecondSignalEndsAProgram) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGINT, SIG_DFL);
    std::promise<void> never;
    const StopSignals stop([&] { ::raise(SIGINT); });
    ::raise(SIGINT);
    never.get_future().wait();
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGINT);
}

}  // namespace
}  // namespace saker
