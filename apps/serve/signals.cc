// A handler that writes the signal's number into a pipe, and a thread that reads it.
#include "signals.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "base/temporary.h"

namespace saker::cli {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};
constexpr unsigned char kEnd = 0;

std::atomic<int> pipe_end{-1};

void on_signal(int number) {
  const int error = errno;
  const auto byte = static_cast<unsigned char>(number);
  [[maybe_unused]] const auto written = ::write(pipe_end.load(), &byte, 1);
  errno = error;
}

}  // namespace

Signals::Signals(std::function<void()> stop, std::function<void()> reload) {
  std::array<int, 2> ends = {-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;  // signals do what they did
  read_end_ = Descriptor(ends[0]), write_end_ = Descriptor(ends[1]);
  ::fcntl(ends[1], F_SETFL, O_NONBLOCK);
  pipe_end.store(ends[1]);
  thread_ = std::thread([this, stop = std::move(stop), reload = std::move(reload)] { wait(stop, reload); });
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (const int number : kSignals) ::sigaction(number, &action, nullptr);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
}

Signals::~Signals() {
  if (!thread_.joinable()) return;
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  for (const int number : kSignals) ::sigaction(number, &action, nullptr);
  [[maybe_unused]] const auto written = ::write(write_end_.get(), &kEnd, 1);
  thread_.join();
  pipe_end.store(-1);
}

void Signals::wait(const std::function<void()>& stop, const std::function<void()>& reload) const {
  bool stopping = false;
  for (;;) {
    unsigned char number = kEnd;
    const auto got = ::read(read_end_.get(), &number, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got != 1 || number == kEnd) return;
    if (number == SIGHUP) {
      reload();
    } else if (!stopping) {
      stopping = true;
      stop();
    } else {
      remove_temporaries();
      ::_exit(1);
    }
  }
}

}  // namespace saker::cli
