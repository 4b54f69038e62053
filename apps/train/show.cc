#include "show.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/plural.h"
#include "base/text.h"
#include "base/usable_cpus.h"
#include "report/document.h"
#include "train/modifiers/masks.h"

namespace saker::train_cli {
namespace {

constexpr double kRedraw = 100;  // ms

std::string duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds + 0.5);
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

const char* optimizer_name(train::OptimizerChoice choice) {
  if (choice == train::OptimizerChoice::kAdam) return "Adam";
  return choice == train::OptimizerChoice::kAdamW ? "AdamW" : "SGD";
}

std::string rates_of(const Prepared& prepared) {
  const auto sets_rates = [](const recipe::Modifier& modifier) {
    return std::holds_alternative<recipe::SetLearningRate>(modifier.action) ||
           std::holds_alternative<recipe::LearningRateFunction>(modifier.action);
  };
  if (prepared.recipe && std::ranges::any_of(prepared.recipe->modifiers, sets_rates)) return "the recipe's rates";
  return fmt::format("lr {:g}", prepared.options.schedule.lr0);
}

std::string shortened(std::string_view loss) {
  return std::string(loss.ends_with("_loss") ? loss.substr(0, loss.size() - 5) : loss);
}

// At most eight characters, so that columns of nine stay apart.
std::string loss_text(double value) {
  const std::string text = fmt::format("{:.4g}", value);
  return text.size() <= 8 ? text : fmt::format("{:.2g}", value);
}

}  // namespace

void show_start(const Prepared& prepared) {
  const train::TrainOptions& o = prepared.options;
  std::int64_t numbers = 0;
  nets::Network copy = prepared.network;
  const train::Weights weights(copy, [](const std::string&) { return false; });
  for (const train::WeightSlot& slot : weights.slots()) {
    if (slot.kind != train::WeightKind::kBuffer) numbers += static_cast<std::int64_t>(slot.count);
  }
  fmt::print("{}: {} layers, {:.2f} M parameters, {}\n", prepared.model_name, prepared.network.layers.size(),
             static_cast<double>(numbers) / 1e6,
             prepared.network.classes == 1 ? "1 class" : fmt::format("{} classes", prepared.network.classes));
  fmt::print("{}: {} pictures, {} boxes", prepared.training.path, prepared.training.pictures.size(),
             prepared.training.annotations.size());
  if (prepared.validation)
    fmt::print("; validation: {} pictures, {} boxes", prepared.validation->pictures.size(),
               prepared.validation->annotations.size());
  fmt::print("\n");
  if (prepared.recipe)
    fmt::print("Recipe {}: {}\n", prepared.recipe->file,
               counted(prepared.recipe->modifiers.size(), "modifier") + (prepared.setup.one_shot ? ", at once" : ""));
  if (!prepared.setup.one_shot)
    fmt::print("{} epochs, batches of {} at {} pixels, {} with {}{}, {}\n", o.epochs, o.batch, o.size,
               optimizer_name(o.optimizer), rates_of(prepared), o.bfloat16 ? ", bfloat16" : "",
               counted(static_cast<std::size_t>(o.threads > 0 ? o.threads : usable_cpus()), "thread"));
  fmt::print("Everything goes to {}\n", o.folder);
  for (const std::string& note : prepared.notes) fmt::print("note: {}\n", printable(note));
  std::fflush(stdout);
}

Show::Show(bool quiet) : quiet_(quiet), terminal_(!quiet && isatty(STDERR_FILENO) == 1) {}

void Show::clear() {
  if (visible_) fmt::print(stderr, "\r\x1b[K");
  visible_ = false;
}

void Show::line(const std::string& text) {
  if (!terminal_ || (visible_ && drawn_.ms() < kRedraw)) return;
  fmt::print(stderr, "\r\x1b[K{}", text);
  std::fflush(stderr);
  visible_ = true;
  drawn_ = Stopwatch();
}

void Show::batch(const train::BatchDone& done) {
  speed_ = done.pictures_per_second;
  std::string items;
  for (const losses::LossItem& item : done.items) items += fmt::format("  {} {:.4g}", shortened(item.name), item.value);
  const double left = done.batch == 0 ? 0
                                      : static_cast<double>(done.batches - done.batch) *
                                            static_cast<double>(done.pictures) / std::max(speed_, 1e-3);
  line(fmt::format("epoch {}/{}  batch {}/{}{}  {} boxes  {}x{}  {:.1f} pictures/s  {} left in this epoch",
                   done.epoch + 1, done.epochs, done.batch, done.batches, items, done.boxes, done.height, done.width,
                   speed_, duration(left)));
}

void Show::validating(std::size_t done, std::size_t total) {
  line(fmt::format("validating {}/{}", done, total));
}

void Show::epoch(const train::EpochDone& done, std::int64_t epochs) {
  if (quiet_) return;
  clear();
  if (!headed_) {
    std::string heads;
    for (const auto& [name, value] : done.row.train_losses) heads += fmt::format("{:>9}", shortened(name));
    fmt::print("{:>9}{}{:>9}{:>9}{:>9}{:>10}{:>13}{:>10}\n", "epoch", heads, "P", "R", "mAP50", "mAP50-95",
               "pictures/s", "left");
    headed_ = true;
  }
  std::string items;
  for (const auto& [name, value] : done.row.train_losses) items += fmt::format("{:>9}", loss_text(value));
  const std::string numbers = done.validated ? fmt::format("{:9.3f}{:9.3f}{:9.3f}{:10.3f}", done.row.precision,
                                                           done.row.recall, done.row.map50, done.row.map50_95)
                                             : fmt::format("{:>9}{:>9}{:>9}{:>10}", "-", "-", "-", "-");
  const std::string zeros = done.row.sparsity ? fmt::format("  {:.1f} % zeros", *done.row.sparsity * 100) : "";
  fmt::print("{:>9}{}{}{:13.1f}{:>10}{}{}\n", fmt::format("{}/{}", done.row.epoch, epochs), items, numbers, speed_,
             duration(done.left_seconds), zeros, done.best ? "  best" : "");
  std::fflush(stdout);
}

void Show::note(const std::string& text) {
  clear();
  fmt::print(stderr, "{}\n", printable(text));
}

std::string class_table(const Evaluated& evaluated) {
  Table table;
  table.columns = {"class", "pictures", "boxes", "P", "R", "mAP50", "mAP50-95"};
  const YoloEvaluation& yolo = evaluated.model.yolo;
  const auto row = [&](const std::string& name, const std::string& pictures, const std::string& boxes,
                       const YoloNumbers& n) {
    table.rows.push_back({name, pictures, boxes, fmt::format("{:.3f}", n.precision), fmt::format("{:.3f}", n.recall),
                          fmt::format("{:.3f}", n.map50), fmt::format("{:.3f}", n.map50_95)});
  };
  std::size_t boxes = 0;
  for (const YoloCategory& category : yolo.categories) boxes += static_cast<std::size_t>(category.boxes);
  row("all", std::to_string(evaluated.dataset.pictures.size()), std::to_string(boxes), yolo.all);
  for (const YoloCategory& category : yolo.categories) {
    const std::string& name = evaluated.dataset.categories[static_cast<std::size_t>(category.category)].name;
    row(printable_line(name), std::to_string(category.pictures), std::to_string(category.boxes), category.numbers);
  }
  return aligned(table);
}

std::string sparsity_table(nets::Network& network) {
  const train::Weights weights(network, [](const std::string&) { return false; });
  std::vector<float> numbers(weights.size());
  weights.read(numbers);
  std::vector<train::LayerSparsity> layers = train::sparsity_of(weights, numbers);
  layers.insert(layers.begin(), {"all", 0, 0});
  for (std::size_t i = 1; i < layers.size(); ++i) {
    layers[0].zeros += layers[i].zeros;
    layers[0].count += layers[i].count;
  }
  Table table;
  table.columns = {"convolution", "weights", "zeros, %"};
  for (const train::LayerSparsity& layer : layers)
    table.rows.push_back(
        {layer.name, std::to_string(layer.count), fmt::format("{:.1f}", train::overall({&layer, 1}) * 100)});
  return aligned(table);
}

}  // namespace saker::train_cli
