#include "calls.h"

#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace saker::python {
namespace {

// How long the main thread waits before it looks for signals again.
constexpr auto kSignals = std::chrono::milliseconds(50);

class Job final : public Stop {
 public:
  // `ending`: another reason to stop, or null.
  Job(Work work, const std::atomic<bool>* ending) : work_(std::move(work)), ending_(ending) {}

  bool wanted() const override {
    return stop_.load(std::memory_order_relaxed) || (ending_ != nullptr && ending_->load(std::memory_order_relaxed));
  }
  void stop() { stop_.store(true, std::memory_order_relaxed); }

  void perform() {
    try {
      work_(*this);
    } catch (...) {
      problem_ = std::current_exception();
    }
    work_ = nullptr;  // what it owns ends here, without the interpreter's lock
    const std::lock_guard lock(mutex_);
    done_ = true;
    changed_.notify_all();
  }
  bool wait_for(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [&] { return done_; });
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return done_; });
  }
  bool done() { return wait_for(std::chrono::milliseconds(0)); }
  void rethrow() const {
    if (problem_) std::rethrow_exception(problem_);
  }

 private:
  Work work_;
  const std::atomic<bool>* ending_;
  std::atomic<bool> stop_{false};
  std::exception_ptr problem_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
};

struct Calls;

// A thread that performs one job after the other.
class Helper {
 public:
  explicit Helper(Calls& calls) : calls_(calls) {
    std::thread([this] { work(); }).detach();
  }
  void give(std::shared_ptr<Job> job) {
    const std::lock_guard lock(mutex_);
    job_ = std::move(job);
    changed_.notify_one();
  }

 private:
  [[noreturn]] void work();

  Calls& calls_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<Job> job_;
};

// A job whose caller did not wait for it, and what it still reads.
struct Left {
  std::shared_ptr<Job> job;
  Buffers buffers;
};

// All calls of a process. Never destroyed: helpers wait in it until the process ends.
struct Calls {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Helper*> idle;
  int running = 0;  // calls of other threads than the main one
  std::atomic<bool> ending{false};
  std::list<Left> left;  // only with the interpreter's lock

  void perform_elsewhere(const std::shared_ptr<Job>& job);
  void drop_finished() {
    left.remove_if([](const Left& each) { return each.job->done(); });
  }
  void leave() {
    const std::lock_guard lock(mutex);
    --running;
    changed.notify_all();
  }
};

// Signals are the main thread's; only those that tell of a fault in this thread stay.
void leave_signals_to_others() {
  sigset_t signals;
  sigfillset(&signals);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) sigdelset(&signals, fault);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void Helper::work() {
  leave_signals_to_others();
  for (;;) {
    std::shared_ptr<Job> job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return job_ != nullptr; });
      job = std::exchange(job_, nullptr);
    }
    job->perform();
    job.reset();
    const std::lock_guard lock(calls_.mutex);
    calls_.idle.push_back(this);
  }
}

// On the caller's thread where the system has no more.
void Calls::perform_elsewhere(const std::shared_ptr<Job>& job) {
  Helper* helper = nullptr;
  {
    const std::lock_guard lock(mutex);
    if (!idle.empty()) {
      helper = idle.back();
      idle.pop_back();
    }
  }
  if (helper == nullptr) {
    try {
      helper = new Helper(*this);
    } catch (...) {
      return job->perform();
    }
  }
  helper->give(job);
}

std::atomic<unsigned> forks{0};

// With the interpreter's lock.
Calls& calls_of_this_process() {
  static unsigned generation = 0;
  static Calls* calls = nullptr;
  if (const unsigned now = process_generation(); calls == nullptr || generation != now) {
    calls = new Calls;  // the parent's stay as they are: its threads do not exist here, its locks may be held by them
    generation = now;
  }
  return *calls;
}

[[noreturn]] void never_return() {
  for (;;) ::pause();
}

bool on_main_thread() {
  return ::syscall(SYS_gettid) == ::getpid();
}

// On the caller's thread, which no signal interrupts.
void run_here(Calls& calls, Work work) {
  Job job(std::move(work), &calls.ending);
  {
    const std::lock_guard lock(calls.mutex);
    ++calls.running;
  }
  PyThreadState* const state = PyEval_SaveThread();
  job.perform();
  if (calls.ending) {
    calls.leave();
    never_return();  // the interpreter is about to end, and would end this thread with its stack half undone
  }
  PyEval_RestoreThread(state);
  calls.leave();
  job.rethrow();
}

void run_briefly(Work work) {
  Job job(std::move(work), nullptr);
  const nanobind::gil_scoped_release unlocked;
  job.perform();
  job.rethrow();
}

void run_elsewhere(Calls& calls, Work work, Buffers buffers) {
  const auto job = std::make_shared<Job>(std::move(work), nullptr);
  PyThreadState* state = PyEval_SaveThread();
  calls.perform_elsewhere(job);
  while (!job->wait_for(kSignals)) {
    PyEval_RestoreThread(state);
    if (PyErr_CheckSignals() != 0) {
      job->stop();
      calls.left.push_back({job, std::move(buffers)});
      throw nanobind::python_error();
    }
    state = PyEval_SaveThread();
  }
  PyEval_RestoreThread(state);
  job->rethrow();
}

}  // namespace

unsigned process_generation() {
  static const int watched = ::pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  static_cast<void>(watched);
  return forks.load(std::memory_order_relaxed);
}

void run(Work work, Buffers buffers, bool brief) {
  Calls& calls = calls_of_this_process();
  calls.drop_finished();
  if (on_main_thread()) {
    return brief ? run_briefly(std::move(work)) : run_elsewhere(calls, std::move(work), std::move(buffers));
  }
  if (calls.ending) {
    PyEval_SaveThread();
    never_return();
  }
  run_here(calls, std::move(work));
}

void finish_calls() {
  Calls& calls = calls_of_this_process();
  calls.ending = true;
  PyThreadState* const state = PyEval_SaveThread();
  {
    std::unique_lock lock(calls.mutex);
    calls.changed.wait(lock, [&] { return calls.running == 0; });
  }
  for (const Left& each : calls.left) each.job->wait();
  PyEval_RestoreThread(state);
  calls.drop_finished();
}

}  // namespace saker::python
