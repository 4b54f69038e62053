// Hyper-parameter files of YOLOv5 and experiment files with the fields of YOLOX's Exp.
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <array>
#include <filesystem>

#include "arguments.h"
#include "base/files.h"
#include "base/text.h"
#include "base/try.h"

namespace saker::train_cli {
namespace {

constexpr std::size_t kMaxFile = std::size_t{1} << 20;

struct Field {
  std::string key, value;  // lists: their parts, with commas between them
  int line = 0;
};

Error at_line(const std::string& path, int line, const std::string& what) {
  return {ErrorCode::kInvalid, fmt::format("{}, line {}: {}", path, line, what)};
}

std::string value_of(const YAML::Node& node) {
  if (node.IsScalar()) return node.Scalar();
  std::string value;
  for (std::size_t i = 0; node.IsSequence() && i < node.size(); ++i) {
    if (node[i].IsScalar()) value += (i == 0 ? "" : ",") + node[i].Scalar();
  }
  return value;
}

// The top level of a YAML file.
Result<std::vector<Field>> read_fields(const std::string& path) {
  SAKER_ASSIGN(const FileBytes file, read_named_file(path, kMaxFile));
  const std::string text(reinterpret_cast<const char*>(file.data.get()), file.size);
  std::vector<Field> fields;
  try {
    const YAML::Node root = YAML::Load(text);
    if (!root.IsMap()) return Error{ErrorCode::kInvalid, fmt::format("{}: no YAML file of names and values", path)};
    for (const auto& entry : root)
      fields.push_back({entry.first.Scalar(), value_of(entry.second), entry.first.Mark().line + 1});
  } catch (const YAML::Exception& error) {
    return at_line(path, error.mark.line + 1, error.msg);
  }
  return fields;
}

Status take(const std::string& path, const Field& field, Arguments& arguments) {
  if (const Setting* setting = find_setting(field.key)) {
    arguments.given.push_back({setting, field.value});
    return {};
  }
  if (const char* why = why_refused(field.key, field.value))
    return at_line(path, field.line, fmt::format("{}: {}", field.key, why));
  if (why_ignored(field.key) != nullptr || why_refused(field.key, "") != nullptr) return {};
  return at_line(path, field.line, fmt::format("saker train knows no {}", printable_name(field.key)));
}

// Fields of Exp that are no settings by themselves.
using TakeField = Status (*)(const Field& field, Setup& setup);

Result<double> number_of(const Field& field, double low, double high) {
  const auto number = parse_number(field.value);
  if (number && *number >= low && *number <= high) return *number;
  return Error{ErrorCode::kInvalid, fmt::format("{} is no number from {:g} to {:g}", field.key, low, high)};
}

Status two_numbers(const Field& field, double (&into)[2]) {
  const std::vector<std::string> parts = split(field.value, ',');
  const auto low = parse_number(parts[0]), high = parse_number(parts.back());
  if (parts.size() != 2 || !low || !high || *low <= 0 || *high < *low || *high > 10)
    return Error{ErrorCode::kInvalid, fmt::format("{}: not two numbers, [low, high]", field.key)};
  into[0] = *low;
  into[1] = *high;
  return {};
}

bool is_true(const Field& field) {
  return lower_case(field.value) == "true";
}

struct ExpField {
  std::string_view name;
  TakeField take;
};
const auto kExpFields = std::to_array<ExpField>({
    {"depth",
     [](const Field& f, Setup& s) -> Status {
       SAKER_ASSIGN(s.depth, number_of(f, 0.01, 4));
       return {};
     }},
    {"width",
     [](const Field& f, Setup& s) -> Status {
       SAKER_ASSIGN(s.width, number_of(f, 0.05, 4));
       return {};
     }},
    {"depthwise",
     [](const Field& f, Setup& s) -> Status {
       s.depthwise = is_true(f);
       return {};
     }},
    {"data_dir",
     [](const Field& f, Setup& s) -> Status {
       s.data_dir = f.value;
       return {};
     }},
    {"train_ann",
     [](const Field& f, Setup& s) -> Status {
       s.train_ann = f.value;
       return {};
     }},
    {"val_ann",
     [](const Field& f, Setup& s) -> Status {
       s.val_ann = f.value;
       return {};
     }},
    {"num_classes",
     [](const Field& f, Setup& s) -> Status {
       SAKER_ASSIGN(const double n, number_of(f, 1, 10000));
       s.classes = static_cast<std::int64_t>(n);
       return {};
     }},
    {"basic_lr_per_img",
     [](const Field& f, Setup& s) -> Status {
       SAKER_ASSIGN(s.lr_per_picture, number_of(f, 0, 1));
       return {};
     }},
    {"mosaic_scale",
     [](const Field& f, Setup& s) -> Status { return two_numbers(f, s.options.augmentation.mosaic_scale); }},
    {"mixup_scale",
     [](const Field& f, Setup& s) -> Status { return two_numbers(f, s.options.augmentation.mixup_scale); }},
    {"enable_mixup",
     [](const Field& f, Setup& s) -> Status {
       if (!is_true(f)) s.options.augmentation.mixup = 0;
       return {};
     }},
    {"ema",
     [](const Field& f, Setup& s) -> Status {
       if (!is_true(f)) s.options.average_decay = 0;
       return {};
     }},
    {"scheduler",
     [](const Field& f, Setup&) -> Status {
       if (f.value == "yoloxwarmcos") return {};
       return Error{ErrorCode::kInvalid, fmt::format("scheduler {}: saker has yoloxwarmcos", printable_name(f.value))};
     }},
});

}  // namespace

Result<Arguments> read_hyperparameters(const std::string& path) {
  SAKER_ASSIGN(const std::vector<Field> fields, read_fields(path));
  Arguments arguments;
  for (const Field& field : fields) {
    if (field.key == "anchors") continue;  // how many to look for where the model's YAML has none
    SAKER_TRY(take(path, field, arguments));
  }
  return arguments;
}

Status read_experiment(const std::string& path, Setup& setup, Arguments& given) {
  if (lower_extension(path) == ".py") {
    return Error{
        ErrorCode::kInvalid,
        fmt::format("{} is a program in Python, which saker does not run\nWhat to do: write the fields of its Exp "
                    "into a YAML file, a line each (depth: 0.33, width: 0.50, num_classes: 1, data_dir: .., "
                    "train_ann: .., val_ann: .., max_epoch: 300), and name that",
                    path)};
  }
  SAKER_ASSIGN(const std::vector<Field> fields, read_fields(path));
  for (const Field& field : fields) {
    const auto known =
        std::find_if(kExpFields.begin(), kExpFields.end(), [&](const ExpField& one) { return one.name == field.key; });
    if (known == kExpFields.end()) {
      // A pair of numbers: YOLOX's older name of mosaic_scale.
      const bool pair = field.key == "scale" && field.value.find(',') != std::string::npos;
      SAKER_TRY(pair ? two_numbers(field, setup.options.augmentation.mosaic_scale) : take(path, field, given));
    } else if (const Status status = known->take(field, setup); !status.ok()) {
      return at_line(path, field.line, status.error().message);
    }
  }
  return {};
}

}  // namespace saker::train_cli
