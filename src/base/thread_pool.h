// Thread pool: one parallel loop at a time, run by the caller and a fixed set of workers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace saker {

// Workers spin for a short while after a loop, so that the next layer's loop finds them awake, then
// sleep. Every thread starts on a share of its own, neighbouring iterations, and helps the others when it is done:
// layer after layer the same thread works on the same part of the picture, whose data its caches still hold. Make
// iterations coarse enough (>= 5 us) to hide the handing out, and many enough (>= 4 a thread) to balance.
//
// A loop waits for iterations, not for threads: a worker that does not come (another program has its CPU) is not
// missed, and one that comes late finds nothing left. So a busy machine costs the workers it takes and no more
// (docs/threading.md).
//
// Several callers may share a pool: they take turns, in the order they came, and sleep until then. A loop that is
// started inside a loop of the same pool runs on the thread that starts it. After fork() the child's first loop starts
// workers of its own.
class ThreadPool {
 public:
  explicit ThreadPool(int threads);  // the caller counts as one; throws std::system_error
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  // Calls body(i, thread) for every i in [0, count), thread in [0, threads()), and returns when all are done. The first
  // exception that a body throws ends the loop, some iterations left out, and is thrown here.
  void run(std::int64_t count, const std::function<void(std::int64_t, int)>& body);

  // The pool for several loops in a row: other callers wait until it ends. May be taken again by who has it.
  class Turn {
   public:
    explicit Turn(ThreadPool& pool);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    ThreadPool& pool_;
    bool taken_;
  };

 private:
  struct Crew;
  Crew& crew();

  int threads_;
  unsigned generation_ = 0;  // of this process: fork() makes another
  std::unique_ptr<Crew> crew_;
};

}  // namespace saker
