// The folder of downloaded weights, each known by its hash.
#pragma once

#include <saker/result.h>

#include <functional>
#include <string>
#include <utility>

#include "pull/lock_file.h"

namespace saker {

// What is asked for.
struct Wanted {
  std::string name, url, licence, repository;
  std::string sha256;  // that it must have; empty: not known
};

// Is told what a cache does: a line each time.
using Tell = std::function<void(const std::string&)>;

// Locked while it lives: two at a time would write into each other's files.
class Cache {
 public:
  // Where the knob SAKER_CACHE says. Waits for others.
  static Result<Cache> open(Tell tell);
  Cache(Cache&& other) noexcept;
  Cache& operator=(Cache&&) = delete;
  ~Cache();

  // The path of the file, fetched if need be, with the hash it must have: the stated one, else the recorded one; the
  // first time any, which is then recorded. `mirror` may be empty.
  Result<std::string> provide(const Wanted& wanted, const std::string& mirror);

 private:
  Cache(std::string folder, int fd, Tell tell) : folder_(std::move(folder)), fd_(fd), tell_(std::move(tell)) {}
  bool wait_for_others() const;
  std::string path_of(const std::string& name) const { return folder_ + "/weights/" + name; }
  Result<std::string> expected_hash(const Wanted& wanted) const;
  Status fetch(const Wanted& wanted, const std::string& mirror, const std::string& expected);
  Error with_remedy(Error error, const Wanted& wanted) const;
  Status record(const Wanted& wanted, const std::string& sha256);

  std::string folder_;
  int fd_;
  Tell tell_;
  LockFile lock_;
};

// Where `out` puts a file of that name: a file, a folder, or nothing for the current folder.
std::string target_of(const std::string& out, const std::string& name);

// Copies it there. Another file that is there already is replaced only with `replace`.
Status copy_out(const std::string& from, const std::string& to, bool replace);

}  // namespace saker
