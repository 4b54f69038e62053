#include "serve/batch_queue.h"

#include <algorithm>
#include <array>
#include <list>
#include <utility>

namespace saker::serve {
namespace {

constexpr int kPriorities = 10;
constexpr double kNewest = 0.2;  // weight of the last batch in what a picture is taken to cost

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

Time later(Time time, Duration by) {
  return by > Time::max() - time ? Time::max() : time + by;
}

bool is_cancelled(const Job& job) {
  const auto& flag = job.options().cancelled;
  return flag != nullptr && flag->load(std::memory_order_relaxed);
}

}  // namespace

struct BatchQueue::Waiting {
  std::unique_ptr<Job> job;
  Lane* lane = nullptr;
  int priority = 0;
  std::size_t pictures = 1;
  Time since;
  std::list<Waiting>::iterator place;
  std::optional<Deadlines::iterator> deadline;
};

// The jobs of one priority.
struct BatchQueue::Level {
  std::list<Waiting> jobs;
  std::size_t pictures = 0;
  int running = 0;  // batches
  double had = 0;   // seconds of workers, divided by the weight
  std::uint64_t last_take = 0;
};

struct BatchQueue::Lane {
  LaneId id = 0;
  LaneOptions options;
  std::array<Level, kPriorities> levels;
  std::size_t pictures = 0;
  double picture_seconds = 0;  // 0: none has been run yet

  // Of the most urgent job; kPriorities: nothing waits.
  int top() const {
    for (int p = 0; p < kPriorities; ++p) {
      if (!levels[static_cast<std::size_t>(p)].jobs.empty()) return p;
    }
    return kPriorities;
  }
  Level& level(int priority) { return levels[static_cast<std::size_t>(priority)]; }
  const Level& level(int priority) const { return levels[static_cast<std::size_t>(priority)]; }

  // Whether the jobs down to priority `lowest` are a batch that cannot get larger: they fill it, or the next one does
  // not fit.
  bool has_full_batch(int lowest) const {
    std::size_t count = 0;
    for (int p = 0; p <= lowest; ++p) count += level(p).pictures;
    return count >= static_cast<std::size_t>(options.max_batch);
  }
  // Until when an incomplete one may be held back.
  Time held_until(int lowest) const {
    Time oldest = Time::max();
    for (int p = 0; p <= lowest; ++p) {
      if (!level(p).jobs.empty()) oldest = std::min(oldest, level(p).jobs.front().since);
    }
    return later(oldest, options.max_delay);
  }
};

// Which lane is next.
struct BatchQueue::Choice {
  Lane* lane = nullptr;
  int lowest = 0;     // priority that may fill up its batch
  bool held = false;  // none of the most urgent is ready
  Time until = {};    // held: when the first of them is
};

BatchQueue::BatchQueue() : clocks_(kPriorities, 0.0) {}
BatchQueue::~BatchQueue() = default;

LaneId BatchQueue::add_lane(const LaneOptions& options) {
  auto lane = std::make_unique<Lane>();
  lane->id = next_++;
  lane->options = options;
  lane->options.max_batch = std::max(options.max_batch, 1);
  lane->options.weight = options.weight > 0 ? options.weight : 1;
  const LaneId id = lane->id;
  lanes_.emplace(id, std::move(lane));
  return id;
}

void BatchQueue::remove_lane(LaneId lane, Dropped why, std::vector<DroppedJob>& dropped) {
  const auto found = lanes_.find(lane);
  if (found == lanes_.end()) return;
  for (Level& level : found->second->levels) {
    while (!level.jobs.empty()) drop(level.jobs.front(), why, dropped);
  }
  lanes_.erase(found);
}

std::unique_ptr<Job> BatchQueue::remove(Waiting& waiting) {
  std::unique_ptr<Job> job = std::move(waiting.job);
  if (waiting.deadline) deadlines_.erase(*waiting.deadline);
  Level& level = waiting.lane->level(waiting.priority);
  level.pictures -= waiting.pictures;
  waiting.lane->pictures -= waiting.pictures;
  waiting_ -= waiting.pictures;
  level.jobs.erase(waiting.place);  // and `waiting` with it
  return job;
}

void BatchQueue::drop(Waiting& waiting, Dropped why, std::vector<DroppedJob>& dropped) {
  dropped.push_back({remove(waiting), why});
}

bool BatchQueue::make_room(Lane& lane, const JobOptions& job, std::vector<DroppedJob>& dropped) {
  const auto needed = static_cast<std::size_t>(job.pictures);
  const std::size_t most = lane.options.max_queue;
  if (lane.pictures == 0 || lane.pictures + needed <= most) return true;
  std::size_t staying = 0;
  for (int p = 0; p <= job.priority; ++p) staying += lane.level(p).pictures;
  if (staying + needed > most) return false;
  for (int p = kPriorities - 1; p > job.priority; --p) {
    std::list<Waiting>& jobs = lane.level(p).jobs;
    while (!jobs.empty() && lane.pictures + needed > most) {
      drop(jobs.back(), Dropped::kFull, dropped);
    }
  }
  return true;
}

void BatchQueue::push(LaneId lane_id, std::unique_ptr<Job> job, Time now, std::vector<DroppedJob>& dropped) {
  const auto found = lanes_.find(lane_id);
  if (found == lanes_.end()) return dropped.push_back({std::move(job), Dropped::kUnloaded});
  Lane& lane = *found->second;
  JobOptions options = job->options();
  options.priority = std::clamp(options.priority, 0, kPriorities - 1);
  options.pictures = std::max(options.pictures, 1);
  if (!options.deadline && lane.options.time_limit) options.deadline = later(now, *lane.options.time_limit);
  if (options.until) options.deadline = std::min(*options.until, options.deadline.value_or(*options.until));
  if (is_cancelled(*job)) return dropped.push_back({std::move(job), Dropped::kCancelled});
  if (options.deadline && *options.deadline <= now) return dropped.push_back({std::move(job), Dropped::kDeadline});
  if (!make_room(lane, options, dropped)) return dropped.push_back({std::move(job), Dropped::kFull});

  Level& level = lane.level(options.priority);
  if (level.jobs.empty() && level.running == 0) {
    move_clock(options.priority);
    level.had = std::max(level.had, clocks_[static_cast<std::size_t>(options.priority)]);
  }
  const auto pictures = static_cast<std::size_t>(options.pictures);
  Waiting& waiting =
      level.jobs.emplace_back(Waiting{std::move(job), &lane, options.priority, pictures, now, {}, std::nullopt});
  waiting.place = std::prev(level.jobs.end());
  if (options.deadline) waiting.deadline = deadlines_.emplace(*options.deadline, &waiting);
  level.pictures += pictures;
  lane.pictures += pictures;
  waiting_ += pictures;
}

void BatchQueue::move_clock(int priority) {
  std::optional<double> least;
  for (const auto& [id, lane] : lanes_) {
    const Level& level = lane->level(priority);
    if (!level.jobs.empty() || level.running > 0) least = std::min(least.value_or(level.had), level.had);
  }
  double& clock = clocks_[static_cast<std::size_t>(priority)];
  if (least) clock = std::max(clock, *least);
}

void BatchQueue::drop_cancelled_heads(Lane& lane, std::vector<DroppedJob>& dropped) {
  for (Level& level : lane.levels) {
    while (!level.jobs.empty() && is_cancelled(*level.jobs.front().job)) {
      drop(level.jobs.front(), Dropped::kCancelled, dropped);
    }
  }
}

std::optional<BatchQueue::Choice> BatchQueue::choose(Time now, int other_idle) const {
  int best = kPriorities, second = kPriorities;  // the most urgent priorities of lanes; equal where two have it
  for (const auto& [id, lane] : lanes_) {
    const int top = lane->top();
    second = std::min(second, std::max(best, top));
    best = std::min(best, top);
  }
  if (best == kPriorities) return std::nullopt;
  const bool less_urgent_work = std::ranges::any_of(lanes_, [&](const auto& entry) {
    const int top = entry.second->top();
    return top > best && top < kPriorities;
  });
  const bool may_hold = other_idle <= 0 && !less_urgent_work;
  const int lowest = std::min(second, kPriorities - 1);
  const auto is_before = [&](const Lane& a, const Lane& b) {
    const Level &x = a.level(best), &y = b.level(best);
    return std::pair(x.had, x.last_take) < std::pair(y.had, y.last_take);
  };
  Choice choice{nullptr, lowest, false, Time::max()};
  for (const auto& [id, lane] : lanes_) {
    if (lane->top() != best) continue;
    if (may_hold && !lane->has_full_batch(lowest) && now < lane->held_until(lowest)) {
      choice.until = std::min(choice.until, lane->held_until(lowest));
    } else if (choice.lane == nullptr || is_before(*lane, *choice.lane)) {
      choice.lane = lane.get();
    }
  }
  choice.held = choice.lane == nullptr;
  return choice;
}

void BatchQueue::fill(Lane& lane, int lowest, Batch& batch, std::vector<DroppedJob>& dropped) {
  const auto room = static_cast<std::size_t>(lane.options.max_batch);
  for (int p = 0; p <= lowest; ++p) {
    std::list<Waiting>& jobs = lane.level(p).jobs;
    while (!jobs.empty()) {
      Waiting& next = jobs.front();
      if (is_cancelled(*next.job)) {
        drop(next, Dropped::kCancelled, dropped);
        continue;
      }
      const std::size_t so_far = static_cast<std::size_t>(batch.pictures);
      if (!batch.jobs.empty() && so_far + next.pictures > room) return;
      if (batch.jobs.empty()) batch.priority = p;
      batch.pictures += static_cast<int>(next.pictures);
      batch.jobs.push_back(remove(next));
    }
  }
}

std::optional<Batch> BatchQueue::take(Time now, int other_idle, std::vector<DroppedJob>& dropped) {
  expire(now, dropped);
  for (;;) {
    for (const auto& [id, lane] : lanes_) drop_cancelled_heads(*lane, dropped);
    const std::optional<Choice> choice = choose(now, other_idle);
    if (!choice || choice->held) return std::nullopt;
    Lane& lane = *choice->lane;
    Batch batch;
    batch.lane = lane.id;
    fill(lane, choice->lowest, batch, dropped);
    if (batch.jobs.empty()) continue;  // all were cancelled in this moment
    Level& level = lane.level(batch.priority);
    batch.charged = lane.picture_seconds * batch.pictures;
    level.had += batch.charged / lane.options.weight;
    level.last_take = ++takes_;
    ++level.running;
    return batch;
  }
}

void BatchQueue::finished(const Batch& batch, Duration busy) {
  const auto found = lanes_.find(batch.lane);
  if (found == lanes_.end()) return;
  Lane& lane = *found->second;
  Level& level = lane.level(batch.priority);
  --level.running;
  level.had += (seconds(busy) - batch.charged) / lane.options.weight;
  const double each = seconds(busy) / batch.pictures;
  lane.picture_seconds += (lane.picture_seconds > 0 ? kNewest : 1) * (each - lane.picture_seconds);
}

void BatchQueue::expire(Time now, std::vector<DroppedJob>& dropped) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    drop(*deadlines_.begin()->second, Dropped::kDeadline, dropped);
  }
}

std::optional<Time> BatchQueue::next_deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

std::optional<Time> BatchQueue::next_take() const {
  const std::optional<Choice> choice = choose(Time::min(), 0);
  if (!choice || !choice->held) return std::nullopt;
  return choice->until;
}

std::size_t BatchQueue::waiting(LaneId lane) const {
  const auto found = lanes_.find(lane);
  return found == lanes_.end() ? 0 : found->second->pictures;
}

std::size_t BatchQueue::waiting() const {
  return waiting_;
}

Duration BatchQueue::backlog(LaneId lane_id) const {
  const auto found = lanes_.find(lane_id);
  if (found == lanes_.end()) return {};
  const Lane& own = *found->second;
  double all = 0, weights = own.pictures == 0 ? own.options.weight : 0;
  for (const auto& [id, lane] : lanes_) {
    if (lane->pictures == 0) continue;
    all += static_cast<double>(lane->pictures) * lane->picture_seconds;
    weights += lane->options.weight;
  }
  const double fair = static_cast<double>(own.pictures) * own.picture_seconds * weights / own.options.weight;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::min(all, fair)));
}

}  // namespace saker::serve
