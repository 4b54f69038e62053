// The families' own tables: which layers, how deep and how wide.
#include <array>
#include <charconv>

#include "base/text.h"
#include "nets/description.h"

namespace saker::nets {
namespace {

struct TableRow {
  const char* from;
  int repeats;
  const char* type;
  const char* arguments;
};

// YOLOv5 (2020) as of 6.0.
constexpr auto kYolov5 = std::to_array<TableRow>({
    {"-1", 1, "Conv", "64 6 2 2"},
    {"-1", 1, "Conv", "128 3 2"},
    {"-1", 3, "C3", "128"},
    {"-1", 1, "Conv", "256 3 2"},
    {"-1", 6, "C3", "256"},
    {"-1", 1, "Conv", "512 3 2"},
    {"-1", 9, "C3", "512"},
    {"-1", 1, "Conv", "1024 3 2"},
    {"-1", 3, "C3", "1024"},
    {"-1", 1, "SPPF", "1024 5"},
    {"-1", 1, "Conv", "512 1 1"},
    {"-1", 1, "Upsample", "None 2 nearest"},
    {"-1 6", 1, "Concat", "1"},
    {"-1", 3, "C3", "512 False"},
    {"-1", 1, "Conv", "256 1 1"},
    {"-1", 1, "Upsample", "None 2 nearest"},
    {"-1 4", 1, "Concat", "1"},
    {"-1", 3, "C3", "256 False"},
    {"-1", 1, "Conv", "256 3 2"},
    {"-1 14", 1, "Concat", "1"},
    {"-1", 3, "C3", "512 False"},
    {"-1", 1, "Conv", "512 3 2"},
    {"-1 10", 1, "Concat", "1"},
    {"-1", 3, "C3", "1024 False"},
    {"17 20 23", 1, "Detect", "nc anchors"},
});

// YOLOv8 (2023).
constexpr auto kYolov8 = std::to_array<TableRow>({
    {"-1", 1, "Conv", "64 3 2"},
    {"-1", 1, "Conv", "128 3 2"},
    {"-1", 3, "C2f", "128 True"},
    {"-1", 1, "Conv", "256 3 2"},
    {"-1", 6, "C2f", "256 True"},
    {"-1", 1, "Conv", "512 3 2"},
    {"-1", 6, "C2f", "512 True"},
    {"-1", 1, "Conv", "1024 3 2"},
    {"-1", 3, "C2f", "1024 True"},
    {"-1", 1, "SPPF", "1024 5"},
    {"-1", 1, "Upsample", "None 2 nearest"},
    {"-1 6", 1, "Concat", "1"},
    {"-1", 3, "C2f", "512"},
    {"-1", 1, "Upsample", "None 2 nearest"},
    {"-1 4", 1, "Concat", "1"},
    {"-1", 3, "C2f", "256"},
    {"-1", 1, "Conv", "256 3 2"},
    {"-1 12", 1, "Concat", "1"},
    {"-1", 3, "C2f", "512"},
    {"-1", 1, "Conv", "512 3 2"},
    {"-1 9", 1, "Concat", "1"},
    {"-1", 3, "C2f", "1024"},
    {"15 18 21", 1, "Detect", "nc"},
});

// YOLO11 (2024).
constexpr auto kYolo11 = std::to_array<TableRow>({
    {"-1", 1, "Conv", "64 3 2"},   {"-1", 1, "Conv", "128 3 2"},        {"-1", 2, "C3k2", "256 False 0.25"},
    {"-1", 1, "Conv", "256 3 2"},  {"-1", 2, "C3k2", "512 False 0.25"}, {"-1", 1, "Conv", "512 3 2"},
    {"-1", 2, "C3k2", "512 True"}, {"-1", 1, "Conv", "1024 3 2"},       {"-1", 2, "C3k2", "1024 True"},
    {"-1", 1, "SPPF", "1024 5"},   {"-1", 2, "C2PSA", "1024"},          {"-1", 1, "Upsample", "None 2 nearest"},
    {"-1 6", 1, "Concat", "1"},    {"-1", 2, "C3k2", "512 False"},      {"-1", 1, "Upsample", "None 2 nearest"},
    {"-1 4", 1, "Concat", "1"},    {"-1", 2, "C3k2", "256 False"},      {"-1", 1, "Conv", "256 3 2"},
    {"-1 13", 1, "Concat", "1"},   {"-1", 2, "C3k2", "512 False"},      {"-1", 1, "Conv", "512 3 2"},
    {"-1 10", 1, "Concat", "1"},   {"-1", 2, "C3k2", "1024 True"},      {"16 19 22", 1, "Detect", "nc"},
});

// Pixels, for pictures of 640 (COCO).
constexpr std::array<float, 18> kAnchors = {10, 13, 16,  30,  33, 23,  30,  61,  62,
                                            45, 59, 119, 116, 90, 156, 198, 373, 326};

struct Scale {
  char name;
  double depth, width;
  std::int64_t max_channels;
};
using Scales = std::array<Scale, 5>;

constexpr Scales kYolov5Scales = {{{'n', 0.33, 0.25, kMaxChannels},
                                   {'s', 0.33, 0.5, kMaxChannels},
                                   {'m', 0.67, 0.75, kMaxChannels},
                                   {'l', 1, 1, kMaxChannels},
                                   {'x', 1.33, 1.25, kMaxChannels}}};
constexpr Scales kYolov8Scales = {
    {{'n', 0.33, 0.25, 1024}, {'s', 0.33, 0.5, 1024}, {'m', 0.67, 0.75, 768}, {'l', 1, 1, 512}, {'x', 1, 1.25, 512}}};
constexpr Scales kYolo11Scales = {
    {{'n', 0.5, 0.25, 1024}, {'s', 0.5, 0.5, 1024}, {'m', 0.5, 1, 512}, {'l', 1, 1, 512}, {'x', 1, 1.5, 512}}};

struct FamilyTable {
  std::string_view name;
  std::span<const TableRow> rows;
  const Scales& scales;
  std::span<const float> anchors;
};
constexpr std::array<FamilyTable, 3> kFamilies = {{
    {"yolov5", kYolov5, kYolov5Scales, kAnchors},
    {"yolov8", kYolov8, kYolov8Scales, {}},
    {"yolo11", kYolo11, kYolo11Scales, {}},
}};

Row row_of(const TableRow& from) {
  Row row;
  for (const std::string& at : split(from.from, ' ')) row.from.push_back(*parse_whole(at));
  row.repeats = from.repeats;
  row.type = from.type;
  for (std::string& word : split(from.arguments, ' ')) row.arguments.push_back({std::move(word)});
  return row;
}

}  // namespace

Description describe_family(std::string_view name) {
  Description description;
  for (const FamilyTable& family : kFamilies) {
    if (name.size() != family.name.size() + 1 || !name.starts_with(family.name)) continue;
    for (const Scale& scale : family.scales) {
      if (scale.name != name.back()) continue;
      description.source = description.name = name;
      description.scale = scale.name;
      description.depth = scale.depth;
      description.width = scale.width;
      description.max_channels = scale.max_channels;
      description.anchors.assign(family.anchors.begin(), family.anchors.end());
      for (const TableRow& row : family.rows) description.rows.push_back(row_of(row));
    }
  }
  return description;
}

std::vector<std::string> described_families() {
  std::vector<std::string> names;
  for (const FamilyTable& family : kFamilies) {
    for (const Scale& scale : family.scales) names.push_back(std::string(family.name) + scale.name);
  }
  return names;
}

}  // namespace saker::nets
