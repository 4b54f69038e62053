// The thread pool: every iteration once, by whom and however late they come; callers that share it, throwing bodies,
// forked processes.
#include "base/thread_pool.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <new>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace saker {
namespace {

TEST(ThreadPool, RunsEveryIterationOnce) {
  for (const int threads : {1, 2, 3, 5}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (const std::int64_t count : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> hits(static_cast<std::size_t>(count));
      pool.run(count, [&](std::int64_t i, int thread) {
        EXPECT_GE(thread, 0);
        EXPECT_LT(thread, threads);
        ++hits[static_cast<std::size_t>(i)];
      });
      for (const auto& hit : hits) ASSERT_EQ(hit, 1);
    }
  }
}

TEST(ThreadPool, SurvivesManyShortLoops) {
  ThreadPool pool(4);
  std::atomic<std::int64_t> total{0};
  for (int loop = 0; loop < 5000; ++loop) pool.run(8, [&](std::int64_t i, int) { total += i; });
  EXPECT_EQ(total, 5000 * 28);
}

// Workers that are kept from one loop come late, into the middle of others.
TEST(ThreadPool, LateWorkersTakeNothingOfOtherLoops) {
  ThreadPool pool(3);
  for (int loop = 0; loop < 3000; ++loop) {
    const std::int64_t count = 1 + loop % 5;
    std::vector<std::atomic<int>> hits(static_cast<std::size_t>(count));
    pool.run(count, [&](std::int64_t i, int) {
      if (loop % 7 == 0) std::this_thread::yield();
      ++hits[static_cast<std::size_t>(i)];
    });
    for (const auto& hit : hits) ASSERT_EQ(hit, 1) << loop;
  }
}

TEST(ThreadPool, SleepingWorkersWakeUp) {
  ThreadPool pool(2);
  for (int loop = 0; loop < 5; ++loop) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::atomic<int> done{0};
    std::set<int> threads;
    std::mutex mutex;
    pool.run(2, [&](std::int64_t, int thread) {  // each waits for the other
      ++done;
      while (done < 2) std::this_thread::yield();
      const std::lock_guard lock(mutex);
      threads.insert(thread);
    });
    EXPECT_EQ(threads, (std::set<int>{0, 1}));
  }
}

TEST(ThreadPool, AThrowingBodyEndsTheLoopAndReachesTheCaller) {
  for (const int threads : {1, 2, 4}) {
    ThreadPool pool(threads);
    for (int round = 0; round < 50; ++round) {
      EXPECT_THROW(pool.run(100,
                            [&](std::int64_t i, int) {
                              if (i % 10 == 3) throw std::runtime_error("no");
                            }),
                   std::runtime_error);
      EXPECT_THROW(pool.run(1, [](std::int64_t, int) { throw std::bad_alloc(); }), std::bad_alloc);
      std::atomic<int> done{0};
      pool.run(100, [&](std::int64_t, int) { ++done; });
      ASSERT_EQ(done, 100);
    }
  }
}

TEST(ThreadPool, ALoopInsideALoopRunsWhereItIsStarted) {
  ThreadPool pool(3);
  std::atomic<int> done{0};
  pool.run(20, [&](std::int64_t, int thread) {
    pool.run(5, [&](std::int64_t, int inner) {
      EXPECT_EQ(inner, thread);
      ++done;
    });
  });
  EXPECT_EQ(done, 100);
}

TEST(ThreadPool, CallersTakeTurns) {
  constexpr int kThreads = 2, kCallers = 8;
  ThreadPool pool(kThreads);
  std::atomic<int> busy{0}, most{0}, in_turn{0};
  std::atomic<std::int64_t> total{0};
  std::vector<std::thread> callers;
  for (int c = 0; c < kCallers; ++c) {
    callers.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        const ThreadPool::Turn turn(pool);
        EXPECT_EQ(in_turn.fetch_add(1), 0);
        for (int loop = 0; loop < 3; ++loop) {
          pool.run(9, [&](std::int64_t i, int) {
            const int now = ++busy;
            for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) continue;
            total += i;
            --busy;
          });
        }
        --in_turn;
      }
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(total, kCallers * 50 * 3 * 36);
  EXPECT_LE(most, kThreads);
}

// Threads do not survive a fork: the child has workers of its own, and the parent keeps its.
TEST(ThreadPool, AForkedProcessHasWorkersOfItsOwn) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the thread sanitizer takes no threads after a fork";
#endif
  ThreadPool pool(3);
  std::atomic<int> done{0};
  const auto count = [&] {
    done = 0;
    pool.run(30, [&](std::int64_t, int) { ++done; });
    return done.load();
  };
  ASSERT_EQ(count(), 30);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(count() == 30 && count() == 30 ? 0 : 1);
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(count(), 30);
}

}  // namespace
}  // namespace saker
