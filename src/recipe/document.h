// The YAML of a recipe with its variables: anchors and aliases, or `eval(..)`, and what is given in their place.
#pragma once

#include <saker/result.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "recipe/recipe.h"

namespace saker::recipe {

struct Entry {
  std::string key;
  YAML::Node value;
  int line = 0;  // of the key, from 1
};

// Values are looked at one level at a time and counted, so that aliases cannot multiply them. All may throw what
// yaml-cpp throws.
class Document {
 public:
  // `text` with line feeds in the place of what stood before it in the file.
  Document(std::string file, const std::string& text) : file_(std::move(file)), root_(YAML::Load(text)) {}

  // Takes the variables, and what is given in their place. Errors: no map, a key twice, no such variable.
  Status begin(const Arguments& arguments);

  const std::string& file() const { return file_; }
  const std::vector<Entry>& top() const { return top_; }
  Error error(int line, std::string_view what) const;
  // The entries of a map, in order. Errors: keys that are no words, or twice there.
  Result<std::vector<Entry>> entries(const YAML::Node& map, int line);
  // With `eval(..)` worked out.
  Result<YAML::Node> resolved(const YAML::Node& node, int line);
  // Counts what has been looked at. Error kLimit.
  Status count(std::size_t values, int line);

 private:
  Status give(const std::string& name, const std::string& value);
  Result<const Entry*> variable(const std::string& name, int line) const;
  Result<double> number_of(const std::string& name, int line);

  std::string file_;
  YAML::Node root_;
  std::vector<Entry> top_;
  std::map<std::string, double> known_;  // variables that have been worked out
  std::set<std::string> open_;           // that are being worked out
  std::size_t counted_ = 0;
};

// Whether a top-level list of that name holds modifiers.
bool names_modifiers(std::string_view key);

// The front matter of Markdown, between lines of ---, or the first document of a YAML file; lines keep their numbers.
// Error kInvalid: Markdown without one; kLimit.
Result<std::string> yaml_part(std::string_view text, const std::string& name);

}  // namespace saker::recipe
