// Scenes as people write them: `lines` and `zones` by name, each a list of points or `points` and `classes`.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/try.h"
#include "tracking/scene.h"
#include "tracking/yaml_file.h"

namespace saker::tracking {
namespace {

constexpr std::size_t kMostShapes = 1000, kMostCorners = 1000, kMostClasses = 1000;
constexpr double kMostPixels = 1e6;

struct Shape {
  std::vector<Point> points;
  std::vector<int> classes;
};

class SceneReader {
 public:
  SceneReader(const YamlFile& file, const std::vector<std::string>& labels) : file_(file), labels_(labels) {}

  Result<Scene> read() {
    SAKER_ASSIGN(const std::vector<YamlEntry> entries, file_.entries(file_.root()));
    scene_.fractions = true;
    for (const YamlEntry& entry : entries) {
      if (entry.key == "units") SAKER_TRY(read_units(entry));
    }
    for (const YamlEntry& entry : entries) {
      if (entry.key == "lines") {
        SAKER_TRY(read_lines(entry));
      } else if (entry.key == "zones") {
        SAKER_TRY(read_zones(entry));
      } else if (entry.key != "units") {
        return file_.error(
            entry.line, fmt::format("a scene has no `{}`; it has units, lines and zones", printable_name(entry.key)));
      }
    }
    if (scene_.lines.empty() && scene_.zones.empty()) return file_.error(1, "no lines and no zones");
    return std::move(scene_);
  }

 private:
  Status read_units(const YamlEntry& entry) {
    const std::string word = entry.value.IsScalar() ? entry.value.Scalar() : std::string();
    if (word != "fraction" && word != "pixel")
      return file_.error(entry.line, "`units` is neither fraction (of the picture, from 0 to 1) nor pixel");
    scene_.fractions = word == "fraction";
    return {};
  }

  Status read_lines(const YamlEntry& lines) {
    SAKER_ASSIGN(const std::vector<YamlEntry> entries, shapes_of(lines));
    for (const YamlEntry& entry : entries) {
      SAKER_ASSIGN(Shape shape, shape_of(entry));
      const std::vector<Point>& ends = shape.points;
      if (ends.size() != 2 || (ends[0].x == ends[1].x && ends[0].y == ends[1].y))
        return file_.error(entry.line, fmt::format("line `{}` is not two different points, [[x, y], [x, y]]",
                                                   printable_name(entry.key)));
      scene_.lines.push_back({entry.key, ends[0], ends[1], std::move(shape.classes)});
    }
    return {};
  }

  Status read_zones(const YamlEntry& zones) {
    SAKER_ASSIGN(const std::vector<YamlEntry> entries, shapes_of(zones));
    for (const YamlEntry& entry : entries) {
      SAKER_ASSIGN(Shape shape, shape_of(entry));
      if (shape.points.size() < 3 || all_on_a_line(shape.points))
        return file_.error(entry.line, fmt::format("zone `{}` is not three points or more around a place, "
                                                   "[[x, y], [x, y], [x, y]]",
                                                   printable_name(entry.key)));
      scene_.zones.push_back({entry.key, std::move(shape.points), std::move(shape.classes)});
    }
    return {};
  }

  static bool all_on_a_line(const std::vector<Point>& points) {
    const auto turn = [](const Point& a, const Point& b, const Point& c) {
      return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    };
    const Point& first = points[0];
    const auto other = std::ranges::find_if(points, [&](const Point& p) { return p.x != first.x || p.y != first.y; });
    return std::ranges::all_of(points,
                               [&](const Point& p) { return other == points.end() || turn(first, *other, p) == 0; });
  }

  Result<std::vector<YamlEntry>> shapes_of(const YamlEntry& part) const {
    if (!part.value.IsMap())
      return file_.error(part.line, fmt::format("`{}` is not a map from names to points", part.key));
    if (part.value.size() + scene_.lines.size() + scene_.zones.size() > kMostShapes) {
      Error error = file_.error(part.line, fmt::format("more than {} lines and zones", kMostShapes));
      error.code = ErrorCode::kLimit;
      return error;
    }
    return file_.entries(part.value);
  }

  // `name: [[x, y], ..]` or `name: {points: [[x, y], ..], classes: [..]}`.
  Result<Shape> shape_of(const YamlEntry& entry) const {
    Shape shape;
    if (!entry.value.IsMap()) {
      SAKER_ASSIGN(shape.points, points_of(entry, entry.key));
      return shape;
    }
    SAKER_ASSIGN(const std::vector<YamlEntry> fields, file_.entries(entry.value));
    bool has_points = false;
    for (const YamlEntry& field : fields) {
      if (field.key == "points") {
        has_points = true;
        SAKER_ASSIGN(shape.points, points_of(field, entry.key));
      } else if (field.key == "classes") {
        SAKER_ASSIGN(shape.classes, classes_of(field));
      } else {
        return file_.error(field.line, fmt::format("`{}` has a `{}`; known are points and classes",
                                                   printable_name(entry.key), printable_name(field.key)));
      }
    }
    if (!has_points) return file_.error(entry.line, fmt::format("`{}` has no points", printable_name(entry.key)));
    return shape;
  }

  Result<std::vector<Point>> points_of(const YamlEntry& field, const std::string& name) const {
    if (!field.value.IsSequence() || field.value.size() > kMostCorners)
      return file_.error(field.line,
                         fmt::format("`{}` is not a list of at most {} points", printable_name(name), kMostCorners));
    std::vector<Point> points;
    for (const YAML::Node& point : field.value) {
      const int line = line_of(point, field.line);
      if (!point.IsSequence() || point.size() != 2)
        return file_.error(line, fmt::format("a point of `{}` is not [x, y]", printable_name(name)));
      SAKER_ASSIGN(const double x, coordinate(point[0], line, name));
      SAKER_ASSIGN(const double y, coordinate(point[1], line, name));
      points.push_back({x, y});
    }
    return points;
  }

  Result<double> coordinate(const YAML::Node& node, int line, const std::string& name) const {
    const auto value = parse_number(node.IsScalar() ? node.Scalar() : std::string());
    const double most = scene_.fractions ? 1 : kMostPixels;
    if (value && *value >= 0 && *value <= most) return *value;
    const char* hint = scene_.fractions && value && *value > 1 ? "; for pixels write `units: pixel` at the top" : "";
    return file_.error(line, fmt::format("a point of `{}` has a coordinate that is no number from 0 to {:g}{}",
                                         printable_name(name), most, hint));
  }

  // One or a list.
  Result<std::vector<int>> classes_of(const YamlEntry& field) const {
    std::vector<int> classes;
    if (field.value.IsScalar()) {
      SAKER_ASSIGN(const int one, class_of(field.value, field.line));
      classes.push_back(one);
      return classes;
    }
    if (!field.value.IsSequence() || field.value.size() == 0 || field.value.size() > kMostClasses)
      return file_.error(field.line, "`classes` is not a list of names or numbers; leave it out for all classes");
    for (const YAML::Node& node : field.value) {
      SAKER_ASSIGN(const int one, class_of(node, field.line));
      classes.push_back(one);
    }
    return classes;
  }

  Result<int> class_of(const YAML::Node& node, int field_line) const {
    const int line = line_of(node, field_line);
    const std::string word = node.IsScalar() ? node.Scalar() : std::string();
    const auto named = std::ranges::find(labels_, word);
    if (!word.empty() && named != labels_.end()) return static_cast<int>(named - labels_.begin());
    const auto number = parse_whole(word);
    if (number && *number >= 0 && *number < static_cast<std::int64_t>(labels_.size())) return static_cast<int>(*number);
    std::string known;
    for (std::size_t i = 0; i < std::min<std::size_t>(labels_.size(), 10); ++i)
      known += fmt::format("{}{} {}", i == 0 ? "" : ", ", i, printable_name(labels_[i], 40));
    return file_.error(line, fmt::format("the model has no class `{}`; it has {}{}", printable_name(word), known,
                                         labels_.size() > 10 ? fmt::format(" and {} more", labels_.size() - 10) : ""));
  }

  const YamlFile& file_;
  const std::vector<std::string>& labels_;
  Scene scene_;
};

}  // namespace

Result<Scene> read_scene(const std::string& path, const std::vector<std::string>& labels) {
  SAKER_ASSIGN(const YamlFile file, YamlFile::read(path));
  return SceneReader(file, labels).read();
}

Status check_scene(const Scene& scene, int width, int height) {
  const auto check = [&](const std::string& name, std::span<const Point> points) -> Status {
    for (const Point& p : points) {
      if (scene.fractions || (p.x <= width && p.y <= height)) continue;
      return Error{ErrorCode::kInvalid, fmt::format("the scene's `{}` has the point [{:g}, {:g}], outside the picture "
                                                    "of {}x{}; write it for that size, or in fractions of the picture",
                                                    printable_name(name), p.x, p.y, width, height)};
    }
    return {};
  };
  for (const Line& line : scene.lines) SAKER_TRY(check(line.name, std::array{line.from, line.to}));
  for (const Zone& zone : scene.zones) SAKER_TRY(check(zone.name, zone.corners));
  return {};
}

}  // namespace saker::tracking
