// The fields of one modifier, read by name; the first that is wrong is kept, and the rest read on.
#pragma once

#include <saker/result.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recipe/document.h"
#include "recipe/recipe.h"

namespace saker::recipe {

constexpr double kMaxEpochs = 1e6;

class Fields {
 public:
  // `modifier`: its type, file and line; takes the lines of its fields.
  Fields(Document& document, Modifier& modifier, std::vector<Entry> entries);

  // Numbers lie in [low, high]. `otherwise`: where the field is missing or null; nothing: it has to be there.
  double number(std::string_view name, std::optional<double> otherwise, double low, double high);
  double epoch(std::string_view name, std::optional<double> otherwise);  // -1: none
  double share(std::string_view name, std::optional<double> otherwise) { return number(name, otherwise, 0, 1); }
  int whole(std::string_view name, int otherwise, int low, int high);
  bool truth(std::string_view name, bool otherwise);
  // One of the choices; its place among them.
  std::size_t choice(std::string_view name, std::optional<std::size_t> otherwise,
                     const std::vector<std::string>& choices);
  // A word or a list of them.
  std::vector<std::string> words(std::string_view name, bool needed);
  std::vector<double> numbers(std::string_view name);
  std::vector<int> groups();  // param_groups, in 0..2
  // Of a map, whose keys may be eval(..).
  std::vector<Entry> entries(std::string_view name);
  std::vector<std::string> words_of(const YAML::Node& node, std::string_view name);
  // Fields of SparseML that change nothing here: noted where they are there.
  void ignore(const std::vector<std::string_view>& names);
  // With eval(..) worked out; not defined: it is missing, or null.
  YAML::Node node(std::string_view name);

  bool has(std::string_view name) { return node(name).IsDefined(); }
  void wrong(std::string_view name, std::string_view what);
  Modifier& modifier() { return modifier_; }
  const std::vector<std::string>& notes() const { return notes_; }
  // What was wrong first: also a field that nobody has asked for.
  Status status();

 private:
  struct Field {
    Entry entry;
    bool asked = false;
  };
  int line_of(std::string_view name) const;
  std::string said(const YAML::Node& node) const;

  Document& document_;
  Modifier& modifier_;
  std::vector<Field> fields_;
  std::vector<std::string> known_, notes_;
  std::optional<Error> wrong_;
};

}  // namespace saker::recipe
