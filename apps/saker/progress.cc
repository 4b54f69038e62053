// A progress bar on stderr, for people who watch.
#include "progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace saker::cli {
namespace {

int terminal_width() {
  winsize size = {};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(std::min(seconds, 359999.0));
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

Progress::Progress(std::size_t total, bool wanted, const char* unit)
    : total_(total), active_(wanted && total != 1 && ::isatty(STDERR_FILENO) != 0), unit_(unit) {}

void Progress::clear() {
  if (!visible_) return;
  std::fputs("\r\x1b[K", stderr);
  visible_ = false;
}

void Progress::show(std::size_t done, std::size_t failed) {
  const bool ends = total_ > 0;
  if (!active_ || (ends && done >= total_) || (visible_ && drawn_.ms() < 100)) return;
  drawn_ = Stopwatch();
  const double seconds = started_.ms() / 1e3;
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  std::string tail = fmt::format(" {}{}  {:.1f} {}/s", done, ends ? fmt::format("/{}", total_) : "", rate, unit_);
  if (!ends) {
    tail += fmt::format("  {}", clock_text(seconds));
  } else if (rate > 0) {
    tail += fmt::format("  {} left", clock_text(static_cast<double>(total_ - done) / rate));
  }
  if (failed > 0) tail += fmt::format("  {} failed", failed);
  const int room = ends ? std::clamp(terminal_width() - static_cast<int>(tail.size()) - 4, 0, 40) : 0;
  const auto width = static_cast<std::size_t>(room);
  std::string bar;
  if (width >= 8) {
    const std::size_t full = width * done / total_;
    bar = fmt::format("[{:#<{}}{:.<{}}]", "", full, "", width - full);
  }
  fmt::print(stderr, "\r{}{}\x1b[K", bar, tail);
  std::fflush(stderr);
  visible_ = true;
}

}  // namespace saker::cli
