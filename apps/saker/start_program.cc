// Commands that are programs of their own, because they need libraries which the others do without.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "command.h"
#include "report.h"

namespace saker::cli {
namespace fs = std::filesystem;

int start_program(const std::string& name, const std::vector<std::string>& words) {
  const std::string program = "saker-" + name;
  std::error_code error;
  const fs::path here = fs::read_symlink("/proc/self/exe", error).parent_path();
  std::string path = program;  // looked up in PATH
  for (const fs::path& folder : {here, here / ".." / "libexec" / "saker"}) {
    if (fs::exists(folder / program, error)) {
      path = (folder / program).string();
      break;
    }
  }
  std::vector<char*> argv = {path.data()};
  std::vector<std::string> copies = words;
  for (std::string& word : copies) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execvp(path.c_str(), argv.data());
  if (errno != ENOENT) return fail({ErrorCode::kIo, fmt::format("{}: {}", path, std::strerror(errno))});
  const bool trains = name == "train";
  return fail(
      {ErrorCode::kNotFound,
       fmt::format("`saker {}` is a program of its own, {}, which is not installed: it needs {}\nWhat to do: {}", name,
                   program, trains ? "LibTorch" : "Boost",
                   trains ? "scripts/install_training.sh fetches LibTorch and builds it (--small: Debian's, in "
                            "less time)"
                          : "scripts/install_packages.sh, then build again (Debian: libboost-dev)")});
}

}  // namespace saker::cli
