#include "tracking/yaml_file.h"

#include <fmt/format.h>

#include <set>

#include "base/files.h"
#include "base/text.h"
#include "base/try.h"

namespace saker::tracking {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{256} << 10;

}  // namespace

Result<YamlFile> YamlFile::read(const std::string& path) {
  SAKER_ASSIGN(const FileBytes bytes, read_named_file(path, kMaxBytes));
  YamlFile file;
  file.path_ = path;
  try {
    file.root_ = YAML::Load(std::string(reinterpret_cast<const char*>(bytes.data.get()), bytes.size));
  } catch (const YAML::Exception& problem) {
    return file.error(problem.mark.is_null() ? 1 : problem.mark.line + 1, printable_name(problem.msg));
  }
  if (!file.root_.IsMap()) return file.error(1, "no YAML file of names and values (`name: value`)");
  return file;
}

Error YamlFile::error(int line, std::string_view what) const {
  return {ErrorCode::kInvalid, fmt::format("{}:{}: {}", path_, line, what)};
}

Result<std::vector<YamlEntry>> YamlFile::entries(const YAML::Node& map) const {
  std::vector<YamlEntry> entries;
  std::set<std::string> known;
  for (const auto& entry : map) {
    const YAML::Node& key = entry.first;
    const int line = line_of(key, line_of(map, 1));
    if (!key.IsScalar() || key.Scalar().empty()) return error(line, "a name is missing before the colon");
    if (!known.insert(key.Scalar()).second)
      return error(line, fmt::format("`{}` is there twice", printable_name(key.Scalar())));
    entries.push_back({key.Scalar(), entry.second, line});
  }
  return entries;
}

Result<double> YamlFile::number(const YamlEntry& entry, double low, double high) const {
  const auto value = parse_number(entry.value.IsScalar() ? entry.value.Scalar() : std::string());
  if (value && *value >= low && *value <= high) return *value;
  return error(entry.line, fmt::format("`{}` is not a number from {:g} to {:g}", printable_name(entry.key), low, high));
}

int line_of(const YAML::Node& node, int otherwise) {
  const YAML::Mark mark = node.Mark();
  return mark.is_null() ? otherwise : mark.line + 1;
}

}  // namespace saker::tracking
