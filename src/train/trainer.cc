#include "train/trainer.h"

#include <fmt/format.h>
#include <saker/image.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "augment/draw_batch.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/thread_pool.h"
#include "base/try.h"
#include "base/usable_cpus.h"
#include "train/loss_of.h"
#include "train/modifiers/masks.h"

namespace saker::train {
namespace {

constexpr double kSaveEvery = 600'000;     // ms: epochs may take hours
constexpr std::int64_t kDrawnBatches = 3;  // as pictures, of the first epoch and of the first without mosaic

OptimizerKind kind_of(OptimizerChoice choice) {
  if (choice == OptimizerChoice::kAdam) return OptimizerKind::kAdam;
  return choice == OptimizerChoice::kAdamW ? OptimizerKind::kAdamW : OptimizerKind::kSgd;
}

augment::LoaderOptions loader_options(const TrainOptions& options, const nets::Network& network,
                                      const TrainHooks& hooks) {
  augment::LoaderOptions loader;
  loader.batch = options.batch;
  loader.size = options.size;
  loader.stride = static_cast<std::int64_t>(std::ranges::max(network.strides));
  loader.rect = options.rect;
  loader.multi_scale = options.multi_scale;
  loader.multi_scale_every = options.multi_scale_every;
  loader.seed = options.seed;
  loader.workers = options.workers;
  loader.cache_bytes = options.cache_bytes;
  loader.skip_bad = options.skip_bad;
  loader.warn = hooks.note;
  return loader;
}

NetOptions net_options(const TrainOptions& options) {
  NetOptions net;
  net.threads = options.threads > 0 ? options.threads : usable_cpus();
  net.bfloat16 = options.bfloat16;
  if (options.recipe == Recipe::kYolox) {
    net.bgr = true;
    net.pixel_scale = 1;
  }
  return net;
}

class Trainer {
 public:
  Trainer(nets::Network& network, const Dataset& training, const Dataset* validation, const TrainOptions& options,
          const TrainHooks& hooks, const TrainModifiers& modifiers, augment::BatchLoader loader)
      : network_(network),
        training_(training),
        validation_(validation),
        options_(options),
        hooks_(hooks),
        modifiers_(modifiers),
        loader_(std::move(loader)),
        batches_(static_cast<std::int64_t>(loader_.batches())),
        weights_(network, [&](const std::string& name) { return is_frozen(name); }),
        numbers_(weights_.size()),
        gradients_(weights_.trained()),
        schedule_(options.schedule, batches_),
        optimizer_(kind_of(options.optimizer), weights_, options.weight_decay * schedule_.decay_factor()),
        average_({}, options.average_decay, options.average_tau),
        pool_(options.threads > 0 ? options.threads : usable_cpus()) {
    weights_.read(numbers_);
    average_ = Average(numbers_, options.average_decay, options.average_tau);
  }

  Status begin(const MakeNet& make_net, const SavedState* resumed);
  Result<TrainOutcome> run();

 private:
  bool is_frozen(const std::string& name) const {
    return std::ranges::any_of(options_.freeze, [&](const std::string& begin) { return name.starts_with(begin); });
  }
  StateView state() { return {progress_, numbers_, gradients_, optimizer_, average_}; }
  TrainParts parts() {
    return {network_,   weights_, numbers_, gradients_, average_.numbers(),
            optimizer_, *net_,    batches_, make_net_,  net_options(options_)};
  }
  double epoch_at(std::int64_t iteration) const {
    return static_cast<double>(iteration) / static_cast<double>(batches_);
  }
  std::string weights_file(const char* name) const { return options_.folder + "/weights/" + name; }
  bool without_mosaic(std::int64_t epoch) const { return epoch >= options_.epochs - options_.close_mosaic; }

  Result<bool> run_epoch(std::int64_t epoch);  // false: stopped
  Status begin_modifiers(const SavedState* resumed);
  Status run_batch(std::int64_t epoch, std::int64_t index, const augment::Batch& batch);
  Result<double> add_losses(const augment::Batch& batch, std::span<const losses::MapView> maps);
  Status step(std::int64_t iteration, double scale);
  StepRates rates(std::int64_t iteration) const;
  std::vector<losses::LossItem> mean_losses() const;  // of the epoch so far
  Status save();
  Status draw(std::int64_t epoch, std::int64_t index, const augment::Batch& batch);
  Status end_epoch(std::int64_t epoch);
  Status validate_into(EpochDone& done);
  Error not_finite(std::int64_t epoch, std::int64_t index, const augment::Batch& batch) const;
  Error no_numbers(const std::string& what, const char* or_else) const;
  Status check_numbers();  // before they are kept

  nets::Network& network_;
  const Dataset& training_;
  const Dataset* validation_;
  const TrainOptions& options_;
  const TrainHooks& hooks_;
  const TrainModifiers& modifiers_;
  augment::BatchLoader loader_;
  std::int64_t batches_;
  Weights weights_;
  std::vector<float> numbers_, gradients_;
  Schedule schedule_;
  Optimizer optimizer_;
  Average average_;
  ThreadPool pool_;
  const MakeNet* make_net_ = nullptr;
  std::unique_ptr<TrainableNet> net_;
  std::unique_ptr<losses::Loss> loss_;
  std::optional<runs::RunLog> log_;
  Progress progress_;
  TrainOutcome outcome_;
  Stopwatch clock_, saved_;
  double seconds_before_ = 0;  // of the runs that this one goes on from
};

Status Trainer::begin(const MakeNet& make_net, const SavedState* resumed) {
  if (gradients_.empty()) return Error{ErrorCode::kInvalid, "every layer is frozen: there is nothing left to train"};
  if (resumed != nullptr) SAKER_TRY(restore(*resumed, weights_, state()));
  seconds_before_ = progress_.seconds;
  make_net_ = &make_net;
  SAKER_ASSIGN(net_, make_net(network_, weights_, numbers_, gradients_, net_options(options_)));
  SAKER_TRY(begin_modifiers(resumed));
  SAKER_TRY(make_folder(options_.folder + "/weights"));
  SAKER_ASSIGN(log_, runs::RunLog::open(options_.folder, progress_.epochs_done));
  return {};
}

Status Trainer::begin_modifiers(const SavedState* resumed) {
  for (std::size_t i = 0; i < modifiers_.size(); ++i) {
    SAKER_TRY(modifiers_[i]->check(weights_));
    if (resumed != nullptr) SAKER_TRY(modifiers_[i]->restore(weights_, modifier_state(*resumed, i)));
    SAKER_TRY(modifiers_[i]->begin(parts(), epoch_at(progress_.epochs_done * batches_ + progress_.batches_done)));
  }
  // Of a network that was trained for 8 bits before: in floats from here on, its ranges are of other weights.
  if (resumed == nullptr) network_.observed.reset();
  return {};
}

Result<TrainOutcome> Trainer::run() {
  // Asked before each epoch, so that a run which has ended so stays as it is when it is to go on.
  const auto impatient = [&] {
    return options_.patience > 0 && progress_.best_epoch >= 0 &&
           progress_.epochs_done - 1 - progress_.best_epoch >= options_.patience;
  };
  while (progress_.epochs_done < options_.epochs && !outcome_.stopped && !outcome_.early) {
    if (impatient()) {
      outcome_.early = true;
    } else {
      SAKER_ASSIGN(const bool whole, run_epoch(progress_.epochs_done));
      outcome_.stopped = !whole;
    }
  }
  outcome_.progress = progress_;
  weights_.write(average_.numbers());
  return std::move(outcome_);
}

Result<bool> Trainer::run_epoch(std::int64_t epoch) {
  const bool plain = without_mosaic(epoch);
  augment::Augmentation augmentation = options_.augmentation;
  if (plain) augmentation.mosaic = augmentation.mixup = 0;
  loss_ = make_loss(network_, options_, plain);
  progress_.loss_sums.resize(loss_->item_names().size());
  loader_.begin(epoch, augmentation, static_cast<std::size_t>(progress_.batches_done));
  Stopwatch watch;
  std::size_t pictures = 0;
  while (true) {
    SAKER_ASSIGN(const std::optional<augment::Batch> batch, loader_.next());
    if (!batch) break;
    SAKER_TRY(run_batch(epoch, progress_.batches_done, *batch));
    ++progress_.batches_done;
    pictures += batch->pictures.size();
    if (hooks_.batch) {
      const Shape& shape = batch->pixels.shape();
      hooks_.batch({epoch, options_.epochs, static_cast<std::size_t>(progress_.batches_done),
                    static_cast<std::size_t>(batches_), mean_losses(), batch->boxes.size(), batch->pictures.size(),
                    shape[1], shape[2], static_cast<double>(pictures) * 1e3 / std::max(watch.ms(), 1e-3)});
    }
    const bool stop = hooks_.stop && hooks_.stop();
    if (stop || saved_.ms() > kSaveEvery) {
      SAKER_TRY(check_numbers());
      SAKER_TRY(save());
    }
    if (stop) return false;
  }
  SAKER_TRY(end_epoch(epoch));
  return true;
}

std::vector<losses::LossItem> Trainer::mean_losses() const {
  std::vector<losses::LossItem> items;
  const std::vector<std::string_view> names = loss_->item_names();
  for (std::size_t i = 0; i < names.size(); ++i)
    items.push_back(
        {names[i], progress_.loss_sums[i] / static_cast<double>(std::max<std::int64_t>(progress_.batches_done, 1))});
  return items;
}

Status Trainer::check_numbers() {
  if (std::isfinite(norm_of(numbers_, pool_))) return {};
  return no_numbers(fmt::format("the weights are no numbers any more in epoch {}", progress_.epochs_done + 1), "");
}

Status Trainer::save() {
  progress_.seconds = seconds_before_ + clock_.ms() / 1e3;
  saved_ = Stopwatch();
  return save_state(weights_file("last.safetensors"), network_, weights_, state(), options_.arguments, modifiers_);
}

std::vector<losses::Target> targets_of(const augment::Batch& batch) {
  std::vector<losses::Target> targets;
  targets.reserve(batch.boxes.size());
  for (const augment::BoxInBatch& box : batch.boxes)
    targets.push_back({box.picture, box.category, box.x, box.y, box.w, box.h});
  return targets;
}

Status Trainer::run_batch(std::int64_t epoch, std::int64_t index, const augment::Batch& batch) {
  const std::int64_t iteration = epoch * batches_ + index;
  SAKER_TRY(draw(epoch, index, batch));
  for (const auto& modifier : modifiers_) SAKER_TRY(modifier->before_batch(parts(), epoch_at(iteration)));
  SAKER_ASSIGN(const std::vector<losses::MapView> maps, net_->forward(batch.pixels, true));
  const Shape& shape = batch.pixels.shape();
  const ImageSize input = {static_cast<int>(shape[2]), static_cast<int>(shape[1])};
  const losses::Losses losses = loss_->compute(maps, targets_of(batch), input, pool_);
  SAKER_ASSIGN(const double added, add_losses(batch, maps));
  if (!std::isfinite(losses.total + added)) return not_finite(epoch, index, batch);
  for (std::size_t i = 0; i < losses.items.size(); ++i) progress_.loss_sums[i] += losses.items[i].value;
  SAKER_TRY(net_->backward());
  if (iteration - progress_.last_step < schedule_.accumulate(iteration)) return {};
  for (const auto& modifier : modifiers_) SAKER_TRY(modifier->before_step(parts()));
  const double norm = norm_of(gradients_, pool_);
  if (!std::isfinite(norm)) return not_finite(epoch, index, batch);
  // torch.nn.utils.clip_grad_norm_
  return step(iteration, options_.most_gradient > 0 ? std::min(options_.most_gradient / (norm + 1e-6), 1.0) : 1);
}

Result<double> Trainer::add_losses(const augment::Batch& batch, std::span<const losses::MapView> maps) {
  double sum = 0;
  for (const auto& modifier : modifiers_) {
    SAKER_ASSIGN(const double added, modifier->after_losses(parts(), batch.pixels, maps));
    sum += added;
  }
  return sum;
}

Status Trainer::step(std::int64_t iteration, double scale) {
  optimizer_.step(numbers_, gradients_, scale, rates(iteration), pool_);
  std::ranges::fill(gradients_, 0.0F);
  average_.update(numbers_, pool_);
  progress_.last_step = iteration;
  for (const auto& modifier : modifiers_) SAKER_TRY(modifier->after_step(parts()));
  return {};
}

StepRates Trainer::rates(std::int64_t iteration) const {
  StepRates rates = schedule_.rates(iteration);
  for (const auto& modifier : modifiers_) modifier->set_rates(epoch_at(iteration), rates);
  return rates;
}

Status Trainer::draw(std::int64_t epoch, std::int64_t index, const augment::Batch& batch) {
  const bool first_plain = options_.close_mosaic > 0 && epoch == options_.epochs - options_.close_mosaic;
  if (index >= kDrawnBatches || (epoch != 0 && !first_plain)) return {};
  const Image sheet = augment::draw_batch(batch, training_);
  return write_image(fmt::format("{}/train_batch{}.jpg", options_.folder, epoch * batches_ + index), sheet.view());
}

Error Trainer::not_finite(std::int64_t epoch, std::int64_t index, const augment::Batch& batch) const {
  std::string names;
  for (std::size_t i = 0; i < std::min<std::size_t>(batch.pictures.size(), 4); ++i)
    names += (i == 0 ? "" : ", ") + training_.pictures[static_cast<std::size_t>(batch.pictures[i])].file;
  return no_numbers(fmt::format("the loss is no number any more in batch {} of epoch {} ({}{})", index + 1, epoch + 1,
                                names, batch.pictures.size() > 4 ? ", ..." : ""),
                    ", or look at these pictures' labels");
}

Error Trainer::no_numbers(const std::string& what, const char* or_else) const {
  return {
      ErrorCode::kInvalid,
      fmt::format("{}\nWhat to do: a smaller learning rate (`lr0` is {}){}. {}", what, options_.schedule.lr0, or_else,
                  progress_.epochs_done > 0 ? "weights/last.safetensors is of the epoch before and good"
                                            : "There is no good checkpoint yet"),
      "lr0"};
}

Status Trainer::validate_into(EpochDone& done) {
  ValidateOptions options;
  options.size = options_.size;
  options.iou = options_.iou;
  options.threads = options_.threads;
  options.progress = hooks_.validating;
  weights_.write(average_.numbers());
  SAKER_ASSIGN(outcome_.last,
               validate(network_, *validation_, options, [&] { return make_loss(network_, options_, true); }));
  const YoloNumbers& numbers = outcome_.last.numbers;
  done.validated = true;
  done.row.precision = numbers.precision;
  done.row.recall = numbers.recall;
  done.row.map50 = numbers.map50;
  done.row.map50_95 = numbers.map50_95;
  done.row.val_losses = outcome_.last.losses;
  return {};
}

// Fitness: mAP50-95 (Ultralytics since 8.3.200, YOLOX); YOLOv5: .1 mAP50 + .9 mAP50-95.
double fitness_of(const YoloNumbers& numbers, Recipe recipe) {
  if (recipe == Recipe::kYolov5) return 0.1 * numbers.map50 + 0.9 * numbers.map50_95;
  return numbers.map50_95;
}

Status Trainer::end_epoch(std::int64_t epoch) {
  SAKER_TRY(check_numbers());
  EpochDone done;
  done.row.epoch = epoch + 1;
  const std::vector<losses::LossItem> items = mean_losses();
  for (const losses::LossItem& item : items) done.row.train_losses.emplace_back(item.name, item.value);
  const StepRates last_rates = rates((epoch + 1) * batches_ - 1);
  done.row.learning_rates = {last_rates.rate.begin(), last_rates.rate.end()};
  if (!modifiers_.empty()) done.row.sparsity = overall(sparsity_of(weights_, average_.numbers()));
  const bool last = epoch + 1 == options_.epochs;
  const bool due =
      last || without_mosaic(epoch) || (epoch + 1) % std::max<std::int64_t>(options_.eval_interval, 1) == 0;
  if (validation_ != nullptr && options_.validate) {
    for (const losses::LossItem& item : items) done.row.val_losses.emplace_back(item.name, std::nan(""));
    done.row.precision = done.row.recall = done.row.map50 = done.row.map50_95 = std::nan("");
    if (due) SAKER_TRY(validate_into(done));
  }
  progress_.epochs_done = epoch + 1;
  progress_.batches_done = 0;
  progress_.loss_sums.clear();
  progress_.seconds = seconds_before_ + clock_.ms() / 1e3;
  done.row.seconds = progress_.seconds;
  const double fitness = done.validated ? fitness_of(outcome_.last.numbers, options_.recipe) : 0;
  // Without a validation the last is the best.
  const bool better = done.validated ? fitness > progress_.best_fitness : validation_ == nullptr || !options_.validate;
  done.best = better && std::ranges::all_of(modifiers_, [&](const auto& modifier) {
                return modifier->is_settled(static_cast<double>(epoch + 1));
              });
  if (done.best) {
    progress_.best_fitness = fitness;
    progress_.best_epoch = epoch;
    SAKER_TRY(save_network(weights_file("best.safetensors"), network_, weights_, average_.numbers(), epoch + 1,
                           options_.arguments));
  }
  if (options_.save_period > 0 && (epoch + 1) % options_.save_period == 0)
    SAKER_TRY(save_network(weights_file(fmt::format("epoch{}.safetensors", epoch + 1).c_str()), network_, weights_,
                           average_.numbers(), epoch + 1, options_.arguments));
  // The log first: a run that is resumed forgets rows behind the epoch that its state is of.
  SAKER_TRY(log_->add(done.row));
  SAKER_TRY(save());
  done.left_seconds =
      progress_.seconds / static_cast<double>(epoch + 1) * static_cast<double>(options_.epochs - epoch - 1);
  if (hooks_.epoch) hooks_.epoch(done);
  return {};
}

}  // namespace

Result<TrainOutcome> train(nets::Network& network, const Dataset& training, const Dataset* validation,
                           const TrainOptions& options, const MakeNet& make_net, const TrainHooks& hooks,
                           const SavedState* resumed, const TrainModifiers& modifiers) {
  SAKER_ASSIGN(augment::BatchLoader loader,
               augment::BatchLoader::create(training, loader_options(options, network, hooks)));
  Trainer trainer(network, training, validation, options, hooks, modifiers, std::move(loader));
  SAKER_TRY(trainer.begin(make_net, resumed));
  return trainer.run();
}

}  // namespace saker::train
