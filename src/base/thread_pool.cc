// How a loop is shared (Crew). Every thread has a share, whose word holds the loop's number and the next iteration. An
// iteration is taken by exchanging a word for its successor: that fails once the word belongs to another loop, so that
// a worker may come as late as it likes. The loop has ended when as many iterations have been done as there are;
// nobody asks who did them.
#include "base/thread_pool.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace saker {
namespace {

using Clock = std::chrono::steady_clock;
using Body = std::function<void(std::int64_t, int)>;

// How long a worker waits awake for the next loop. Serial stretches between layers are below 50 us.
constexpr auto kSpin = std::chrono::microseconds(200);
// How long the caller waits awake for iterations in others' hands, before it leaves its CPU to whoever has them.
constexpr auto kPatience = std::chrono::microseconds(150);

constexpr std::int64_t kLongestLoop = std::numeric_limits<std::int32_t>::max();

void relax() {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

// One address a thread.
const void* this_thread() {
  thread_local const char self = 0;
  return &self;
}

// What this thread is at work for, if it is inside a loop's body.
struct AtWork {
  const void* crew = nullptr;
  int thread = 0;
};
thread_local AtWork at_work;

std::atomic<unsigned> forks{0};

// Counts forks from the first pool on; a child has none of its parent's workers.
unsigned process_generation() {
  static const int watched = ::pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  static_cast<void>(watched);
  return forks.load(std::memory_order_relaxed);
}

// Callers in the order they came.
class Queue {
 public:
  void enter() {
    std::unique_lock lock(mutex_);
    if (!busy_) {
      busy_ = true;
      return;
    }
    Waiting own;
    (last_ != nullptr ? last_->next : first_) = &own;
    last_ = &own;
    own.wake.wait(lock, [&] { return own.called; });
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    Waiting* const next = first_;
    busy_ = next != nullptr;
    if (next == nullptr) return;
    first_ = next->next;
    if (first_ == nullptr) last_ = nullptr;
    next->called = true;
    next->wake.notify_one();
  }

 private:
  struct Waiting {
    std::condition_variable wake;
    bool called = false;
    Waiting* next = nullptr;
  };
  std::mutex mutex_;
  Waiting *first_ = nullptr, *last_ = nullptr;
  bool busy_ = false;
};

}  // namespace

struct ThreadPool::Crew {
  explicit Crew(int threads);
  ~Crew();

  void run(std::int64_t first, std::int64_t count, const Body& body);

  Queue queue;
  std::atomic<const void*> owner{nullptr};  // whose turn it is: this_thread()

 private:
  // Of one thread, on a cache line of its own. Loop 0 is none.
  struct alignas(64) Share {
    std::atomic<std::uint64_t> word{0};  // loop << 32 | next iteration
    std::atomic<std::uint32_t> end{0};
  };

  void hand_out(std::int64_t first, std::int64_t count, const Body& body);
  int drain(std::uint32_t loop, int thread);
  int take_share(Share& share, std::uint32_t loop, int thread);
  void perform(std::int64_t i, int thread);
  void await_others();
  std::uint32_t await_loop(std::uint32_t seen);
  void work(int thread);
  void dismiss();

  std::vector<Share> shares_;
  std::vector<std::thread> workers_;

  // Of the current loop; written before its number is.
  const Body* body_ = nullptr;
  std::int64_t first_ = 0;
  std::exception_ptr problem_;
  std::atomic<bool> failed_{false};

  alignas(64) std::atomic<std::uint32_t> loop_{0};
  std::atomic<int> sleeping_{0};
  std::atomic<bool> stop_{false};
  alignas(64) std::atomic<std::int32_t> left_{0};  // iterations not done yet
};

ThreadPool::Crew::Crew(int threads) : shares_(static_cast<std::size_t>(threads)) {
  try {
    for (int i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
  } catch (...) {  // std::system_error: the system has no more threads
    dismiss();
    throw;
  }
}

ThreadPool::Crew::~Crew() {
  dismiss();
}

void ThreadPool::Crew::dismiss() {
  stop_ = true;
  loop_.fetch_add(1);
  loop_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void ThreadPool::Crew::hand_out(std::int64_t first, std::int64_t count, const Body& body) {
  body_ = &body;
  first_ = first;
  problem_ = nullptr;
  failed_.store(false, std::memory_order_relaxed);
  left_.store(static_cast<std::int32_t>(count), std::memory_order_relaxed);
  std::uint32_t loop = loop_.load(std::memory_order_relaxed) + 1;
  if (loop == 0) loop = 1;
  const auto threads = static_cast<std::int64_t>(shares_.size());
  for (std::int64_t t = 0; t < threads; ++t) {
    Share& share = shares_[static_cast<std::size_t>(t)];
    // Closed before its end moves: who read the old word and the new end cannot take anything.
    share.word.store(0, std::memory_order_relaxed);
    share.end.store(static_cast<std::uint32_t>((t + 1) * count / threads), std::memory_order_release);
    share.word.store(std::uint64_t{loop} << 32 | static_cast<std::uint64_t>(t * count / threads),
                     std::memory_order_release);
  }
  loop_.store(loop);
  if (sleeping_.load() > 0) loop_.notify_all();
}

void ThreadPool::Crew::perform(std::int64_t i, int thread) {
  if (failed_.load(std::memory_order_relaxed)) return;
  try {
    (*body_)(i, thread);
  } catch (...) {
    if (!failed_.exchange(true)) problem_ = std::current_exception();
  }
}

int ThreadPool::Crew::take_share(Share& share, std::uint32_t loop, int thread) {
  int done = 0;
  std::uint64_t word = share.word.load(std::memory_order_acquire);
  while (word >> 32 == loop) {
    const auto i = static_cast<std::uint32_t>(word);
    if (i >= share.end.load(std::memory_order_acquire)) break;
    if (!share.word.compare_exchange_weak(word, word + 1, std::memory_order_acq_rel, std::memory_order_acquire))
      continue;
    perform(first_ + i, thread);
    ++done;
    ++word;
  }
  return done;
}

// The number of iterations done.
int ThreadPool::Crew::drain(std::uint32_t loop, int thread) {
  const AtWork outer = std::exchange(at_work, {this, thread});
  int done = 0;
  const auto own = static_cast<std::size_t>(thread);
  for (std::size_t k = 0; k < shares_.size(); ++k)
    done += take_share(shares_[(own + k) % shares_.size()], loop, thread);
  at_work = outer;
  return done;
}

void ThreadPool::Crew::await_others() {
  for (int i = 0; i < 1000; ++i) {  // about 20 us
    if (left_.load(std::memory_order_acquire) == 0) return;
    relax();
  }
  const auto give_up = Clock::now() + kPatience;
  while (left_.load(std::memory_order_acquire) != 0) {
    if (Clock::now() < give_up) {
      std::this_thread::yield();
    } else if (const std::int32_t left = left_.load(std::memory_order_acquire); left != 0) {
      left_.wait(left, std::memory_order_acquire);
    }
  }
}

void ThreadPool::Crew::run(std::int64_t first, std::int64_t count, const Body& body) {
  hand_out(first, count, body);
  const int done = drain(loop_.load(std::memory_order_relaxed), 0);
  if (left_.fetch_sub(done, std::memory_order_acq_rel) != done) await_others();
  if (problem_) std::rethrow_exception(std::exchange(problem_, nullptr));
}

// The number of a loop after `seen`.
std::uint32_t ThreadPool::Crew::await_loop(std::uint32_t seen) {
  const auto give_up = Clock::now() + kSpin;
  for (;;) {
    for (int i = 0; i < 64; ++i) {
      if (const std::uint32_t loop = loop_.load(std::memory_order_acquire); loop != seen) return loop;
      relax();
    }
    if (Clock::now() < give_up) {
      std::this_thread::yield();
    } else {
      sleeping_.fetch_add(1);
      loop_.wait(seen);
      sleeping_.fetch_sub(1);
    }
  }
}

void ThreadPool::Crew::work(int thread) {
  for (std::uint32_t seen = 0;;) {
    seen = await_loop(seen);
    if (stop_.load(std::memory_order_acquire)) return;
    const int done = drain(seen, thread);
    if (done > 0 && left_.fetch_sub(done, std::memory_order_acq_rel) == done) left_.notify_one();
  }
}

ThreadPool::ThreadPool(int threads)
    : threads_(std::max(threads, 1)), generation_(process_generation()), crew_(std::make_unique<Crew>(threads_)) {}

ThreadPool::~ThreadPool() {
  if (generation_ != process_generation()) static_cast<void>(crew_.release());  // its workers stayed with the parent
}

// The workers; after a fork, new ones.
ThreadPool::Crew& ThreadPool::crew() {
  if (const unsigned generation = process_generation(); generation != generation_) {
    static_cast<void>(crew_.release());  // its threads do not exist here, its locks may be held by them
    crew_ = std::make_unique<Crew>(threads_);
    generation_ = generation;
  }
  return *crew_;
}

void ThreadPool::run(std::int64_t count, const Body& body) {
  if (count <= 0) return;
  if (at_work.crew == crew_.get()) {  // inside a loop of ours
    for (std::int64_t i = 0; i < count; ++i) body(i, at_work.thread);
    return;
  }
  const Turn turn(*this);
  if (threads_ == 1 || count == 1) {
    for (std::int64_t i = 0; i < count; ++i) body(i, 0);
    return;
  }
  for (std::int64_t first = 0; first < count; first += kLongestLoop)
    crew_->run(first, std::min(count - first, kLongestLoop), body);
}

ThreadPool::Turn::Turn(ThreadPool& pool) : pool_(pool) {
  Crew& crew = pool.crew();
  taken_ = crew.owner.load(std::memory_order_relaxed) != this_thread();
  if (!taken_) return;
  crew.queue.enter();
  crew.owner.store(this_thread(), std::memory_order_relaxed);
}

ThreadPool::Turn::~Turn() {
  if (!taken_) return;
  pool_.crew_->owner.store(nullptr, std::memory_order_relaxed);
  pool_.crew_->queue.leave();
}

}  // namespace saker
