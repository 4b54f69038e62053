// A file for code that reads files: one a process, rewritten for every input and removed at the end.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

class Scratch {
 public:
  explicit Scratch(std::string_view extension) {
    path_ = std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : "/tmp";
    path_ += "/saker-fuzz-XXXXXX";
    path_ += extension;
    const int file = mkstemps(path_.data(), static_cast<int>(extension.size()));
    if (file < 0) std::abort();
    close(file);
  }
  ~Scratch() { std::filesystem::remove(path_); }
  const std::string& write(std::string_view text) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << text;
    return path_;
  }

 private:
  std::string path_;
};
