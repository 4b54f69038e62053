// Other programs: started without a shell, talked to over pipes, never left behind (they die with this process).
#pragma once

#include <saker/result.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker {

// How a program ended.
struct Ending {
  int code = -1;   // exit code; -1: killed
  int signal = 0;  // what killed it
  bool ok() const { return code == 0; }
};
std::string to_string(const Ending& ending);  // "exit code 3", "signal 11 (Segmentation fault)"

struct ProcessOptions {
  bool write = false;                                // its input is a pipe (write_line); else it is empty
  bool read = true;                                  // its output is a pipe (read_line); else it goes where ours goes
  bool keep_errors = true;                           // the end of what it writes to stderr is kept; else it goes on
  std::size_t max_buffered = std::size_t{64} << 20;  // a longer line is an error
  std::uint64_t max_file_bytes = 0;                  // no file that it writes grows beyond; 0: no limit
};

class Process {
 public:
  // argv[0] is looked up in PATH unless it has a slash. Errors: kNotFound, kIo; they name the program.
  static Result<Process> start(const std::vector<std::string>& argv, const ProcessOptions& options = {});
  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;
  ~Process();  // kills what still runs

  pid_t pid() const { return pid_; }

  // Adds the newline. Error kIo when it no longer reads.
  Status write_line(std::string_view line);
  void close_input();

  // The next line without its newline; empty at the end of the output.
  // Errors: kLimit (nothing within the time, or a line too long).
  Result<std::optional<std::string>> read_line(double timeout_ms);

  // Error kLimit: it still runs, or writes too much. What it writes meanwhile is kept. Idempotent.
  Result<Ending> wait(double timeout_ms);
  std::string take_output();  // what has been read of its output and not been asked for
  void kill();                // and waits
  void suspend() const;       // not one of its threads runs until resume()
  void resume() const;

  const std::string& errors() const {
    return errors_;
  }  // the last 8 kB of its stderr, as far as read by the calls above

 private:
  Process(pid_t pid, int input, int output, int error, std::size_t max_buffered);
  bool pump(int timeout_ms);  // reads what comes within the time; false: nothing
  bool reap(int flags);

  pid_t pid_;
  int input_, output_, error_;  // -1: no such pipe, or closed
  std::size_t max_buffered_;
  std::string buffer_, errors_;
  std::optional<Ending> ending_;
};

struct ProgramOutput {
  Ending ending;
  std::string out;     // all of stdout
  std::string errors;  // the end of stderr
};

// Runs a program to its end. Errors: as Process, kLimit (longer than timeout_ms, more output than max_buffered).
// A program that fails is no error here: look at `ending`.
Result<ProgramOutput> run_program(const std::vector<std::string>& argv, double timeout_ms,
                                  const ProcessOptions& options = {});

}  // namespace saker
