// A handler that writes a byte into a pipe, and a thread that waits for it.
#include "base/stop_signals.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>

namespace saker {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};
constexpr char kSignal = 's', kEnd = 'e';

// What the handler can look at.
std::array<struct sigaction, kSignals.size()> before;
std::atomic<int> pipe_end{-1}, caught{0};

void put_back() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before[i], nullptr);
}

void on_stop(int number) {
  const int error = errno;
  put_back();
  int none = 0;
  if (caught.compare_exchange_strong(none, number)) {
    [[maybe_unused]] const auto written = ::write(pipe_end.load(), &kSignal, 1);
  }
  errno = error;
}

}  // namespace

StopSignals::StopSignals(std::function<void()> stop, std::optional<double> seconds) {
  std::array<int, 2> ends = {-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return;  // signals do what they did
  read_end_ = Descriptor(ends[0]), write_end_ = Descriptor(ends[1]);
  pipe_end.store(ends[1]);
  caught.store(0);
  thread_ = std::thread([this, stop = std::move(stop), seconds] { wait(stop, seconds); });
  struct sigaction action = {};
  action.sa_handler = on_stop;
  action.sa_flags = SA_RESTART;
  ::sigfillset(&action.sa_mask);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &before[i]);
    if (before[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &action, nullptr);
  }
}

StopSignals::~StopSignals() {
  if (!thread_.joinable()) return;
  if (caught.load() == 0) put_back();
  [[maybe_unused]] const auto written = ::write(write_end_.get(), &kEnd, 1);
  thread_.join();
}

int StopSignals::signal() const {
  return caught.load();
}

void StopSignals::wait(const std::function<void()>& stop, std::optional<double> seconds) {
  using Clock = std::chrono::steady_clock;
  constexpr double kYear = 366.0 * 24 * 3600;
  const auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(std::clamp(seconds.value_or(kYear), 0.0, kYear)));
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0 && seconds) break;
    pollfd ready = {read_end_.get(), POLLIN, 0};
    constexpr long long kHour = 3'600'000;
    if (::poll(&ready, 1, static_cast<int>(std::clamp<long long>(left + 1, 0, kHour))) <= 0) continue;
    char what = kEnd;
    if (::read(read_end_.get(), &what, 1) != 1) continue;
    if (what == kEnd) return;
    break;
  }
  stopped_.store(true);
  stop();
}

}  // namespace saker
