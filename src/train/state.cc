#include "train/state.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/files.h"
#include "base/text.h"
#include "base/try.h"
#include "base/version.h"
#include "model/budget.h"
#include "model/pt/import.h"
#include "model/pt/safetensors.h"
#include "model/pt/write.h"

namespace saker::train {
namespace {

// Keys of the metadata.
constexpr const char* kFormat = "training.format";
constexpr const char* kThisFormat = "1";
constexpr std::size_t kMaxFile = std::size_t{8} << 30;

// Of the names of a modifier's tensors.
std::string prefix_of_modifier(std::size_t place) {
  return fmt::format("modifier.{}.", place);
}

using Facts = std::map<std::string, std::string>;

Facts facts_of(std::int64_t epoch, const Arguments& arguments) {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  Facts facts = {{"date", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now))},
                 {"version", fmt::format("saker {}", version())},
                 {"epoch", std::to_string(epoch)}};
  for (const auto& [key, value] : arguments) facts[fmt::format("{}{}", pt::kArgumentPrefix, key)] = value;
  return facts;
}

Tensor view_of(std::span<float> numbers) {
  return Tensor::wrap(DType::kFloat32, {static_cast<std::int64_t>(numbers.size())}, numbers.data(), nullptr);
}

Status write(const std::string& path, const nets::Network& network, const Facts& facts,
             const std::map<std::string, Tensor>& more) {
  SAKER_ASSIGN(const std::vector<std::byte> bytes, pt::write_safetensors(network, facts, more));
  return write_file(path, bytes);
}

template <typename Number>
Status read_number(const SavedState& saved, const char* key, Number& number) {
  const auto found = saved.facts.find(key);
  if (found == saved.facts.end()) return Error{ErrorCode::kInvalid, fmt::format("it does not say {}", key)};
  if constexpr (std::is_same_v<Number, double>) {
    if (const auto value = parse_number(found->second)) {
      number = *value;
      return {};
    }
  } else if (const auto value = parse_whole(found->second)) {
    number = *value;
    return {};
  }
  return Error{ErrorCode::kInvalid, fmt::format("{} is no number", key)};
}

// "1.5,2": empty where there is nothing.
Status read_sums(const SavedState& saved, std::vector<double>& sums) {
  sums.clear();
  const auto found = saved.facts.find("training.loss_sums");
  if (found == saved.facts.end() || found->second.empty()) return {};
  for (const std::string& part : split(found->second, ',')) {
    const auto number = parse_number(part);
    if (!number) return Error{ErrorCode::kInvalid, "training.loss_sums are no numbers"};
    sums.push_back(*number);
  }
  return {};
}

Status copy_to(const SavedState& saved, const char* name, std::span<float> numbers) {
  const auto found = saved.tensors.find(name);
  const bool fits = found != saved.tensors.end() && found->second.dtype() == DType::kFloat32 &&
                    static_cast<std::size_t>(found->second.elements()) == numbers.size();
  if (!fits) return Error{ErrorCode::kInvalid, fmt::format("its '{}' is missing or of another size", name)};
  std::memcpy(numbers.data(), found->second.raw(), numbers.size_bytes());
  return {};
}

}  // namespace

Status save_state(const std::string& path, nets::Network& network, const Weights& weights, const StateView& state,
                  const Arguments& arguments, const TrainModifiers& modifiers) {
  Facts facts = facts_of(state.progress.epochs_done, arguments);
  facts[kFormat] = kThisFormat;
  facts["training.batches_done"] = std::to_string(state.progress.batches_done);
  facts["training.loss_sums"] = fmt::format("{}", fmt::join(state.progress.loss_sums, ","));
  facts["training.last_step"] = std::to_string(state.progress.last_step);
  facts["training.best_epoch"] = std::to_string(state.progress.best_epoch);
  facts["training.best_fitness"] = fmt::format("{}", state.progress.best_fitness);
  facts["training.seconds"] = fmt::format("{}", state.progress.seconds);
  facts["training.steps"] = std::to_string(state.optimizer.steps());
  facts["training.updates"] = std::to_string(state.average.updates());
  std::map<std::string, Tensor> more = {{"numbers", view_of(state.numbers)},
                                        {"first", view_of(state.optimizer.first())}};
  if (!state.optimizer.second().empty()) more["second"] = view_of(state.optimizer.second());
  if (std::ranges::any_of(state.gradients, [](float g) { return g != 0; }))
    more["gradients"] = view_of(state.gradients);
  for (std::size_t i = 0; i < modifiers.size(); ++i) {
    for (const auto& [name, tensor] : modifiers[i]->state()) more[prefix_of_modifier(i) + name] = tensor;
  }
  weights.write(state.average.numbers());
  return write(path, network, facts, more);
}

Status save_network(const std::string& path, nets::Network& network, const Weights& weights,
                    std::span<const float> average, std::int64_t epoch, const Arguments& arguments) {
  weights.write(average);
  return write(path, network, facts_of(epoch, arguments), {});
}

Result<SavedState> read_state(const std::string& path) {
  SAKER_ASSIGN(const FileBytes file, read_named_file(path, kMaxFile));
  const auto wrong = [&](const std::string& what) {
    return Error{
        ErrorCode::kInvalid,
        fmt::format("{}: {}\nWhat to do: name weights/last.safetensors of a run that has not ended", path, what)};
  };
  if (!pt::is_safetensors(file.span(), file.size)) return wrong("no file of a training to go on with");
  Budget budget(file.size);
  SavedState saved;
  auto content = pt::read_safetensors(file, budget);
  if (!content) return wrong(content.error().message);
  auto network = pt::read_network(file);
  if (!network) return wrong(network.error().message);
  saved.network = std::move(*network);
  if (const auto format = content->metadata.find(kFormat);
      format == content->metadata.end() || format->second != kThisFormat)
    return wrong("it holds a network, but no state of a training");
  for (const auto& [key, value] : content->metadata) {
    if (key.starts_with(pt::kArgumentPrefix))
      saved.arguments.emplace_back(key.substr(pt::kArgumentPrefix.size()), value);
    saved.facts[key] = value;
  }
  for (const auto& [name, tensor] : content->weights) {
    if (name.starts_with(pt::kMorePrefix)) saved.tensors.emplace(name.substr(pt::kMorePrefix.size()), tensor);
  }
  return saved;
}

Status restore(const SavedState& saved, const Weights& weights, const StateView& state) {
  SAKER_TRY(read_number(saved, "epoch", state.progress.epochs_done));
  SAKER_TRY(read_number(saved, "training.batches_done", state.progress.batches_done));
  SAKER_TRY(read_sums(saved, state.progress.loss_sums));
  SAKER_TRY(read_number(saved, "training.last_step", state.progress.last_step));
  SAKER_TRY(read_number(saved, "training.best_epoch", state.progress.best_epoch));
  SAKER_TRY(read_number(saved, "training.best_fitness", state.progress.best_fitness));
  SAKER_TRY(read_number(saved, "training.seconds", state.progress.seconds));
  std::int64_t steps = 0, updates = 0;
  SAKER_TRY(read_number(saved, "training.steps", steps));
  SAKER_TRY(read_number(saved, "training.updates", updates));
  state.optimizer.set_steps(steps);
  state.average.set_updates(updates);
  SAKER_TRY(copy_to(saved, "numbers", state.numbers));
  SAKER_TRY(copy_to(saved, "first", state.optimizer.first()));
  if (!state.optimizer.second().empty()) SAKER_TRY(copy_to(saved, "second", state.optimizer.second()));
  std::ranges::fill(state.gradients, 0.0F);
  if (saved.tensors.contains("gradients")) SAKER_TRY(copy_to(saved, "gradients", state.gradients));
  weights.read(state.average.numbers());  // the network of the file
  return {};
}

ModifierState modifier_state(const SavedState& saved, std::size_t place) {
  const std::string prefix = prefix_of_modifier(place);
  ModifierState state;
  for (auto at = saved.tensors.lower_bound(prefix); at != saved.tensors.end() && at->first.starts_with(prefix); ++at)
    state.emplace(at->first.substr(prefix.size()), at->second);
  return state;
}

}  // namespace saker::train
