// A YAML file of settings, read with errors that name file and line.
#pragma once

#include <saker/result.h>
#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>
#include <vector>

namespace saker::tracking {

struct YamlEntry {
  std::string key;
  YAML::Node value;
  int line = 0;  // from 1
};

// Values are looked at one level at a time, so that aliases cannot multiply them.
class YamlFile {
 public:
  // At most 256 KiB. Errors: kNotFound, kIo, kLimit, kInvalid (no YAML, or no map).
  static Result<YamlFile> read(const std::string& path);

  const YAML::Node& root() const { return root_; }
  Error error(int line, std::string_view what) const;
  // The entries of a map, in order. Errors: keys that are no words, or twice there.
  Result<std::vector<YamlEntry>> entries(const YAML::Node& map) const;
  Result<double> number(const YamlEntry& entry, double low, double high) const;

 private:
  std::string path_;
  YAML::Node root_;
};

// Of a node that is there; where YAML has none for it, `otherwise`.
int line_of(const YAML::Node& node, int otherwise);

}  // namespace saker::tracking
