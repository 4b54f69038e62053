// Finds files that another machine's paths name: C:\data\set\a.jpg is set/a.jpg or a.jpg here.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>

namespace saker {

// A path as Windows writes it, with slashes.
std::string with_slashes(std::string_view path);

// The longest end of the path (of either system; "..", "C:" and what stands before them left out) that exists below
// the folder, relative to it and of at least so many parts; empty: none.
std::string existing_tail(const std::filesystem::path& folder, std::string_view path, std::size_t least_parts = 1);

// The file of a path; empty where it has none.
std::string last_part(std::string_view path);

// How many folders and files a path has.
std::size_t count_parts(std::string_view path);

// Pictures below a folder, by paths of another machine.
class FileSearch {
 public:
  struct Found {
    std::string file, other;  // relative to the folder; `other` too: it may be either, and nothing tells which
  };
  // What more than the last part of the path says counts; else that part, wherever it lies below the folder. Empty:
  // there is none.
  Found find(const std::filesystem::path& folder, std::string_view path);

 private:
  void look_through(const std::filesystem::path& folder);

  std::filesystem::path folder_;  // that was looked through
  std::unordered_map<std::string, Found> by_name_;
  std::unordered_map<std::string, bool> in_folder_;  // names that were asked for, and whether they lie in the folder
};

}  // namespace saker
