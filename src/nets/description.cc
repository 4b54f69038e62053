#include "nets/description.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "base/try.h"
#include "nets/heads.h"
#include "nets/initialise.h"

namespace saker::nets {
namespace {

constexpr std::int64_t kMaxBlocks = 2000;  // of YOLOv5x6: 100

bool is_head(std::string_view type) {
  return type == "Detect" || type == "v10Detect";
}

void set_paths(Module& module, const std::string& path) {
  module.path = path;
  for (Module& child : module.children) set_paths(child, path + "." + child.name);
}

// Makes the layers of a description, each from what those before it give.
class Maker {
 public:
  Maker(const Description& description, const FamilyOptions& options) : table_(description), options_(options) {
    style_.ultralytics = table_.rows.back().arguments.size() < 2;  // YOLOv5's Detect takes nc and anchors
  }

  Result<Network> make() {
    auto activation = activation_of(style_, options_.activation.empty() ? table_.activation : options_.activation);
    if (!activation.ok()) return activation.error().with_context(table_.source);
    style_.activation = std::move(*activation);
    for (std::size_t i = 0; i < table_.rows.size(); ++i) SAKER_TRY(add_layer(i));
    return finish();
  }

 private:
  Error error(ErrorCode code, const std::string& what) const {
    const Row& row = table_.rows[at_];
    const std::string line = row.line > 0 ? fmt::format(":{}", row.line) : "";
    return {code, fmt::format("{}{}: layer {} ({}): {}", table_.source, line, at_, printable_name(row.type), what)};
  }

  Result<std::vector<Source>> inputs_of(const Row& row) const {
    std::vector<Source> inputs;
    for (const std::int64_t from : row.from) {
      const std::int64_t at = from < 0 ? static_cast<std::int64_t>(at_) + from : from;
      if (at < -1 || at >= static_cast<std::int64_t>(at_) || (at == -1 && at_ > 0))
        return error(ErrorCode::kInvalid, fmt::format("it is to be fed by layer {}, which is not there", from));
      inputs.push_back(at < 0 ? Source{3, 1} : done_[static_cast<std::size_t>(at)]);
    }
    return inputs;
  }

  // Rounded as Python does, to even: 3 of depth 0.5 are 2.
  std::int64_t scaled_repeats(std::int64_t repeats) const {
    if (repeats <= 1) return 1;
    return std::max<std::int64_t>(1, std::llrint(static_cast<double>(repeats) * table_.depth));
  }

  std::int64_t scaled_channels(std::int64_t channels) const {
    const double wanted = static_cast<double>(std::min(channels, table_.max_channels)) * table_.width;
    return static_cast<std::int64_t>(std::ceil(wanted / 8)) * 8;
  }

  Status add_layer(std::size_t index) {
    at_ = index;
    const Row& row = table_.rows[index];
    SAKER_ASSIGN(std::vector<Source> inputs, inputs_of(row));
    if (inputs.empty()) return error(ErrorCode::kInvalid, "nothing feeds it");
    const bool last = index + 1 == table_.rows.size();
    if (is_head(row.type) != last)
      return error(ErrorCode::kInvalid, last ? "the last layer is not Detect" : "only the last layer can be the head");
    if (last) return add_head(row, inputs);
    SAKER_ASSIGN(Made made, make_layer(row, std::move(inputs)));
    if (made.channels < 1 || made.channels > kMaxChannels)
      return error(ErrorCode::kLimit, fmt::format("{} channels; there may be {}", made.channels, kMaxChannels));
    const Source& input = sources_.front();
    done_.push_back({made.channels, input.cell * made.shrink});
    return keep(std::move(made.module), row);
  }

  Result<Made> make_layer(const Row& row, std::vector<Source> inputs) {
    const ClassEntry* entry = find_class(row.type);
    if (entry == nullptr) return error(ErrorCode::kUnsupported, "no such module; there are " + buildable_classes());
    sources_ = std::move(inputs);
    std::vector<Argument> rest = row.arguments;
    std::int64_t out = 0;
    if (entry->channels) {
      Arguments first(row.arguments);
      out = scaled_channels(first.has(0) ? first.whole(0, 8) : 8);
      if (!first.has(0)) first.refuse("its channels are missing");
      if (!first.problem().empty()) return error(ErrorCode::kInvalid, first.problem());
      rest.erase(rest.begin());
    }
    if (out > kMaxChannels) return error(ErrorCode::kLimit, "too many channels");
    const std::int64_t repeats = scaled_repeats(row.repeats);
    blocks_ += repeats;
    if (blocks_ > kMaxBlocks) return error(ErrorCode::kLimit, fmt::format("more than {} blocks", kMaxBlocks));
    return repeated(*entry, std::move(rest), out, repeats);
  }

  // Classes that do not repeat their own blocks stand in a row.
  Result<Made> repeated(const ClassEntry& entry, std::vector<Argument> rest, std::int64_t out, std::int64_t repeats) {
    Arguments arguments(std::move(rest));
    const bool large = std::string_view("mlx").find(table_.scale) != std::string_view::npos && table_.scale != 0;
    const Site site{.style = style_,
                    .inputs = sources_,
                    .out = out,
                    .repeats = entry.repeats ? repeats : 1,
                    .arguments = arguments,
                    .large = large,
                    .very_large = large && table_.scale != 'm'};
    Made made = entry.make(site);
    if (!arguments.problem().empty()) return error(ErrorCode::kInvalid, arguments.problem());
    if (entry.repeats || repeats == 1) return made;
    if (made.channels != site.in() || made.shrink != 1 || sources_.size() != 1)
      return error(ErrorCode::kInvalid, fmt::format("{} of it cannot follow each other", repeats));
    const std::string type = made.module.class_path;
    std::vector<Module> row(static_cast<std::size_t>(repeats), made.module);
    made.module = make_list(style_, "Sequential", std::move(row));
    made.module.attributes["type"] = type;
    return made;
  }

  // i, f, type and np, as every layer of both frameworks has them.
  Status keep(Module module, const Row& row) {
    module.name = std::to_string(at_);
    set_paths(module, "model." + module.name);
    const std::int64_t parameters = count_parameters(module);
    parameters_ += parameters;
    if (parameters_ > options_.most_parameters)
      return error(ErrorCode::kLimit,
                   fmt::format("with it, the network has more than {} parameters", options_.most_parameters));
    module.attributes["i"] = static_cast<std::int64_t>(at_);
    if (row.from.size() == 1) {
      module.attributes["f"] = row.from[0];
    } else {
      module.attributes["f"] = row.from;
    }
    module.attributes.emplace("type", module.class_path);  // a sequence has the type of its parts
    module.attributes["np"] = parameters;
    network_.layers.push_back({std::move(module), row.from});
    return {};
  }

  Status add_head(const Row& row, const std::vector<Source>& levels) {
    for (const Source& level : levels) network_.strides.push_back(level.cell);
    network_.names = options_.names;
    network_.classes = static_cast<std::int64_t>(options_.names.size());
    HeadPlan plan{.classes = network_.classes, .reg_max = table_.reg_max, .end_to_end = table_.end_to_end};
    plan.light = std::ranges::any_of(
        table_.rows, [](const Row& r) { return r.type == "C3k2" || r.type == "A2C2f" || r.type == "C2fCIB"; });
    Tensor anchors;
    if (!style_.ultralytics) {
      SAKER_ASSIGN(anchors, anchors_of(levels));
      plan.anchors = anchors.shape()[1];
    }
    Module head = make_detect(style_, row.type, levels, plan);
    if (!style_.ultralytics) head.weights["anchors"] = std::move(anchors);
    return keep(std::move(head), row);
  }

  // In cells, [levels, anchors, 2].
  Result<Tensor> anchors_of(const std::vector<Source>& levels) const {
    std::vector<float> pixels = options_.anchors.empty() ? table_.anchors : options_.anchors;
    if (pixels.empty()) pixels = squares(levels);
    const auto count = static_cast<std::int64_t>(pixels.size()), n = static_cast<std::int64_t>(levels.size());
    if (count == 0 || count % (2 * n) != 0)
      return error(ErrorCode::kInvalid, fmt::format("{} widths and heights of `anchors` for {} levels", count, n));
    const bool positive = std::ranges::all_of(pixels, [](float side) { return side > 0 && std::isfinite(side); });
    if (!positive) return error(ErrorCode::kInvalid, "`anchors` has a size that is not above 0");
    Tensor anchors = filled_tensor({n, count / (2 * n), 2}, 0);
    for (std::int64_t i = 0; i < count; ++i) {
      const double cell = levels[static_cast<std::size_t>(i / (count / n))].cell;
      anchors.data<float>()[i] = static_cast<float>(pixels[static_cast<std::size_t>(i)] / cell);
    }
    return anchors;
  }

  // Where the file says how many alone, until better ones are found: sides of 2, 4, ... cells.
  std::vector<float> squares(const std::vector<Source>& levels) const {
    std::vector<float> pixels;
    for (const Source& level : levels) {
      for (std::int64_t i = 0; i < 2 * table_.anchors_of_level; ++i)
        pixels.push_back(static_cast<float>(level.cell * static_cast<double>(2 * (i / 2) + 2)));
    }
    return pixels;
  }

  Result<Network> finish() {
    network_.family = style_.ultralytics ? "Ultralytics" : "YOLOv5";
    network_.name = table_.name;
    for (Layer& layer : network_.layers) SAKER_TRY(initialise(layer.module, options_.seed));
    set_head_biases(network_);
    return std::move(network_);
  }

  const Description& table_;
  const FamilyOptions& options_;
  Style style_;
  Network network_;
  std::vector<Source> done_, sources_;
  std::size_t at_ = 0;
  std::int64_t blocks_ = 0, parameters_ = 0;
};

}  // namespace

Result<Network> make_network(const Description& description, const FamilyOptions& options) {
  const auto classes = static_cast<std::int64_t>(options.names.size());
  if (classes < 1 || classes > kMostClasses)
    return Error{ErrorCode::kInvalid,
                 fmt::format("a network of {} classes; there may be 1 to {}", classes, kMostClasses)};
  if (description.rows.empty() || description.rows.size() > kMaxRows) {
    return Error{ErrorCode::kInvalid, fmt::format("{}: {} layers; there may be 1 to {}", description.source,
                                                  description.rows.size(), kMaxRows)};
  }
  return Maker(description, options).make();
}

}  // namespace saker::nets
