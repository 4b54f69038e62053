// Other programs: started without a shell, talked to over pipes, never left behind (they die with this process).
#include "base/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/clock.h"
#include "base/try.h"

namespace saker {
namespace {

constexpr std::size_t kErrorsKept = 8192;
constexpr int kWriteSeconds = 10;  // a program that does not read for so long is given up
constexpr int kStepMs = 10;        // how often wait() looks whether the program has ended

void close_fd(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

// Both ends of a pipe; closed unless taken.
struct Ends {
  int reader = -1, writer = -1;
  Ends() = default;
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;
  ~Ends() {
    close_fd(reader);
    close_fd(writer);
  }
  bool open() {
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0) return false;
    reader = fds[0], writer = fds[1];
    return true;
  }
  // A socket, because writing to one whose reader is gone can be an error instead of a signal.
  bool open_socket() {
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) return false;
    reader = fds[0], writer = fds[1];
    timeval patience = {};
    patience.tv_sec = kWriteSeconds;
    ::setsockopt(writer, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return true;
  }
};

struct Pipes {
  Ends input, output, error, failure;  // failure: errno of an exec that did not succeed
};

bool open_pipes(Pipes& pipes, const ProcessOptions& options) {
  return (!options.write || pipes.input.open_socket()) && (!options.read || pipes.output.open()) &&
         (!options.keep_errors || pipes.error.open()) && pipes.failure.open();
}

// Between fork and exec: async-signal-safe calls only.
[[noreturn]] void become(char* const* argv, const Pipes& pipes, const ProcessOptions& options, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // it died in between
  const int input = pipes.input.reader >= 0 ? pipes.input.reader : ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  bool ready = ::dup2(input, STDIN_FILENO) >= 0;
  if (pipes.output.writer >= 0) ready = ::dup2(pipes.output.writer, STDOUT_FILENO) >= 0 && ready;
  if (pipes.error.writer >= 0) ready = ::dup2(pipes.error.writer, STDERR_FILENO) >= 0 && ready;
  if (options.max_file_bytes > 0) {
    const rlimit limit = {options.max_file_bytes, options.max_file_bytes};
    ready = ::setrlimit(RLIMIT_FSIZE, &limit) == 0 && ready;
  }
  if (ready) ::execvp(argv[0], argv);
  const int reason = errno;
  [[maybe_unused]] const ssize_t written = ::write(pipes.failure.writer, &reason, sizeof reason);
  ::_exit(127);
}

Error cannot_start(const std::string& program, int reason) {
  const ErrorCode code = reason == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  const std::string why = reason == ENOENT ? "not found" : std::strerror(reason);
  return {code, fmt::format("cannot run {}: {}", program, why)};
}

// Appends what can be read at once; closes at the end of the stream.
void read_some(int& fd, std::string& target) {
  std::array<char, 4096> block;
  const ssize_t got = ::read(fd, block.data(), block.size());
  if (got > 0) target.append(block.data(), static_cast<std::size_t>(got));
  if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) close_fd(fd);
}

int remaining(const Stopwatch& watch, double timeout_ms) {
  return static_cast<int>(std::clamp(timeout_ms - watch.ms() + 0.999, 0.0, 1e9));
}

}  // namespace

std::string to_string(const Ending& ending) {
  if (ending.signal == 0) return fmt::format("exit code {}", ending.code);
  const char* name = ::strsignal(ending.signal);
  return fmt::format("signal {} ({})", ending.signal, name == nullptr ? "?" : name);
}

Process::Process(pid_t pid, int input, int output, int error, std::size_t max_buffered)
    : pid_(pid), input_(input), output_(output), error_(error), max_buffered_(max_buffered) {}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      input_(std::exchange(other.input_, -1)),
      output_(std::exchange(other.output_, -1)),
      error_(std::exchange(other.error_, -1)),
      max_buffered_(other.max_buffered_),
      buffer_(std::move(other.buffer_)),
      errors_(std::move(other.errors_)),
      ending_(other.ending_) {}

Process::~Process() {
  if (pid_ > 0) kill();
  close_fd(input_);
  close_fd(output_);
  close_fd(error_);
}

Result<Process> Process::start(const std::vector<std::string>& argv, const ProcessOptions& options) {
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  Pipes pipes;
  if (argv.empty() || !open_pipes(pipes, options)) return cannot_start(argv.empty() ? "''" : argv[0], errno);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return cannot_start(argv[0], errno);
  if (pid == 0) become(words.data(), pipes, options, parent);
  Process process(pid, std::exchange(pipes.input.writer, -1), std::exchange(pipes.output.reader, -1),
                  std::exchange(pipes.error.reader, -1), options.max_buffered);
  close_fd(pipes.failure.writer);
  int reason = 0;
  ssize_t got = 0;
  do {
    got = ::read(pipes.failure.reader, &reason, sizeof reason);
  } while (got < 0 && errno == EINTR);
  if (got > 0) return cannot_start(argv[0], reason);
  return process;
}

Status Process::write_line(std::string_view line) {
  std::string text(line);
  text.push_back('\n');
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t sent = ::send(input_, text.data() + done, text.size() - done, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return Error{ErrorCode::kIo, fmt::format("it does not read its input: {}", std::strerror(errno))};
    done += static_cast<std::size_t>(sent);
  }
  return {};
}

void Process::close_input() {
  close_fd(input_);
}

bool Process::pump(int timeout_ms) {
  std::array<pollfd, 2> fds = {pollfd{output_, POLLIN, 0}, pollfd{error_, POLLIN, 0}};
  if (::poll(fds.data(), fds.size(), timeout_ms) <= 0) return false;
  if (fds[0].revents != 0) read_some(output_, buffer_);
  if (fds[1].revents != 0) read_some(error_, errors_);
  if (errors_.size() > kErrorsKept) errors_.erase(0, errors_.size() - kErrorsKept);
  return true;
}

Result<std::optional<std::string>> Process::read_line(double timeout_ms) {
  const Stopwatch watch;
  for (std::size_t searched = 0;;) {
    const std::size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return std::optional(std::move(line));
    }
    if (buffer_.size() > max_buffered_) return Error{ErrorCode::kLimit, "it writes lines without an end"};
    searched = buffer_.size();
    if (output_ < 0) {
      if (buffer_.empty()) return std::optional<std::string>();
      return std::optional(std::exchange(buffer_, {}));
    }
    const int left = remaining(watch, timeout_ms);
    if (left == 0) return Error{ErrorCode::kLimit, fmt::format("no answer within {:g} s", timeout_ms / 1e3)};
    pump(left);
  }
}

bool Process::reap(int flags) {
  if (ending_) return true;
  int status = 0;
  pid_t got = 0;
  do {
    got = ::waitpid(pid_, &status, flags);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return false;
  Ending ending;
  if (got > 0 && WIFEXITED(status)) ending.code = WEXITSTATUS(status);
  if (got > 0 && WIFSIGNALED(status)) ending.signal = WTERMSIG(status);
  ending_ = ending;
  return true;
}

Result<Ending> Process::wait(double timeout_ms) {
  const Stopwatch watch;
  while (!reap(WNOHANG)) {
    if (remaining(watch, timeout_ms) == 0)
      return Error{ErrorCode::kLimit, fmt::format("still running after {:g} s", timeout_ms / 1e3)};
    if (buffer_.size() > max_buffered_) return Error{ErrorCode::kLimit, "it writes too much"};
    pump(kStepMs);
  }
  // What is left in the pipes; something it started may hold them open, so not until their end.
  while (buffer_.size() <= max_buffered_ && pump(0)) {
  }
  return *ending_;
}

std::string Process::take_output() {
  return std::exchange(buffer_, {});
}

void Process::kill() {
  if (ending_) return;
  ::kill(pid_, SIGKILL);
  reap(0);
}

void Process::suspend() const {
  if (!ending_) ::kill(pid_, SIGSTOP);
}

void Process::resume() const {
  if (!ending_) ::kill(pid_, SIGCONT);
}

Result<ProgramOutput> run_program(const std::vector<std::string>& argv, double timeout_ms,
                                  const ProcessOptions& options) {
  SAKER_ASSIGN(Process process, Process::start(argv, options));
  auto ending = process.wait(timeout_ms);
  if (!ending.ok()) return ending.error().with_context(argv[0]);
  return ProgramOutput{*ending, process.take_output(), process.errors()};
}

}  // namespace saker
