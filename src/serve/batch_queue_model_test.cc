// BatchQueue against the same rules written down as plainly as can be: one list of all that waits, searched anew for
// every question.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <set>

#include "serve/batch_queue.h"
#include "serve/serve_testing.h"

namespace saker::serve {
namespace {

using std::chrono::milliseconds;
using testing::id_of;
using testing::numbered;

struct Entry {
  int id;
  LaneId lane;
  int priority, pictures;
  Time since;
  std::optional<Time> deadline;
  std::shared_ptr<std::atomic<bool>> cancelled;
};

struct Share {  // of a lane, at one priority
  double had = 0;
  int running = 0, last_take = 0;
};

using Drops = std::set<std::pair<int, Dropped>>;

class Reference {
 public:
  void add_lane(LaneId id, const LaneOptions& options) { lanes_[id] = options; }
  void remove_lane(LaneId id, Drops& drops) {
    for (const Entry& e : list_) {
      if (e.lane == id) drops.emplace(e.id, Dropped::kUnloaded);
    }
    std::erase_if(list_, [&](const Entry& e) { return e.lane == id; });
    lanes_.erase(id);
  }

  void push(Entry e, Time now, Drops& drops) {
    if (!lanes_.contains(e.lane)) return void(drops.emplace(e.id, Dropped::kUnloaded));
    const LaneOptions& lane = lanes_[e.lane];
    if (!e.deadline && lane.time_limit) e.deadline = now + *lane.time_limit;
    if (*e.cancelled) return void(drops.emplace(e.id, Dropped::kCancelled));
    if (e.deadline && *e.deadline <= now) return void(drops.emplace(e.id, Dropped::kDeadline));
    const int most = static_cast<int>(lane.max_queue);
    const int waits = pictures(e.lane, 0, 9), less = pictures(e.lane, e.priority + 1, 9);
    if (waits > 0 && waits - less + e.pictures > most) return void(drops.emplace(e.id, Dropped::kFull));
    while (pictures(e.lane, 0, 9) > 0 && pictures(e.lane, 0, 9) + e.pictures > most) {
      auto victim = list_.end();
      for (auto i = list_.begin(); i != list_.end(); ++i) {
        if (i->lane == e.lane && (victim == list_.end() || i->priority >= victim->priority)) victim = i;
      }
      drops.emplace(victim->id, Dropped::kFull);
      list_.erase(victim);
    }
    if (!is_active(e.lane, e.priority)) {
      update_clock(e.priority);
      Share& share = shares_[{e.lane, e.priority}];
      share.had = std::max(share.had, clocks_[e.priority]);
    }
    list_.push_back(std::move(e));
  }

  void expire(Time now, Drops& drops) {
    for (const Entry& e : list_) {
      if (e.deadline && *e.deadline <= now) drops.emplace(e.id, Dropped::kDeadline);
    }
    std::erase_if(list_, [&](const Entry& e) { return e.deadline && *e.deadline <= now; });
  }

  // The ids; empty: nothing. Jobs of the test are cancelled between calls only, so all that are can go first; the queue
  // itself drops those that it comes upon, see the comparison.
  std::vector<int> take(Time now, int other_idle, Drops& drops, Batch& batch) {
    expire(now, drops);
    for (;;) {
      drop_cancelled_heads(drops);
      int best = 10;
      for (const auto& [id, lane] : lanes_) best = std::min(best, top(id));
      if (best == 10) return {};
      LaneId chosen = 0;
      for (const auto& [id, lane] : lanes_) {
        if (top(id) != best || is_held(id, best, now, other_idle)) continue;
        const Share &mine = shares_[{id, best}], &its = shares_[{chosen, best}];
        if (chosen == 0 || mine.had < its.had || (mine.had == its.had && mine.last_take < its.last_take)) chosen = id;
      }
      if (chosen == 0) return {};
      const std::vector<int> ids = fill(chosen, drops, batch);
      if (ids.empty()) continue;
      batch.lane = chosen;
      Share& share = shares_[{chosen, batch.priority}];
      batch.charged = cost_[chosen] * batch.pictures;
      share.had += batch.charged / lanes_[chosen].weight;
      share.last_take = ++takes_;
      ++share.running;
      return ids;
    }
  }

  void finished(const Batch& batch, double busy) {
    if (!lanes_.contains(batch.lane)) return;
    Share& share = shares_[{batch.lane, batch.priority}];
    --share.running;
    share.had += (busy - batch.charged) / lanes_[batch.lane].weight;
    double& cost = cost_[batch.lane];
    cost += (cost > 0 ? 0.2 : 1) * (busy / batch.pictures - cost);
  }

  std::optional<Time> next_deadline() const {
    std::optional<Time> first;
    for (const Entry& e : list_) {
      if (e.deadline) first = std::min(first.value_or(*e.deadline), *e.deadline);
    }
    return first;
  }
  int pictures(LaneId lane, int from, int to) const {
    int sum = 0;
    for (const Entry& e : list_) sum += e.lane == lane && e.priority >= from && e.priority <= to ? e.pictures : 0;
    return sum;
  }

 private:
  int top(LaneId lane) const {
    int best = 10;
    for (const Entry& e : list_) best = e.lane == lane ? std::min(best, e.priority) : best;
    return best;
  }
  // The least urgent priority that may fill up a batch of this lane.
  int lowest(LaneId lane) const {
    int other = 9;
    for (const auto& [id, options] : lanes_) other = id != lane ? std::min(other, top(id)) : other;
    return other;
  }
  bool is_held(LaneId lane, int best, Time now, int other_idle) const {
    if (other_idle > 0) return false;
    for (const auto& [id, options] : lanes_) {
      if (top(id) > best && top(id) < 10) return false;
    }
    if (pictures(lane, 0, lowest(lane)) >= lanes_.at(lane).max_batch) return false;
    Time oldest = Time::max();
    for (const Entry& e : list_)
      oldest = e.lane == lane && e.priority <= lowest(lane) ? std::min(oldest, e.since) : oldest;
    return now < oldest + lanes_.at(lane).max_delay;
  }
  bool is_active(LaneId lane, int priority) {
    return pictures(lane, priority, priority) > 0 || shares_[{lane, priority}].running > 0;
  }
  void update_clock(int priority) {
    std::optional<double> least;
    for (const auto& [id, options] : lanes_) {
      if (!is_active(id, priority)) continue;
      const double had = shares_[{id, priority}].had;
      least = std::min(least.value_or(had), had);
    }
    if (least) clocks_[priority] = std::max(clocks_[priority], *least);
  }
  void drop_cancelled_heads(Drops& drops) {
    for (const auto& [id, options] : lanes_) {
      for (int p = 0; p < 10; ++p) {
        for (auto head = first(id, p); head != list_.end() && *head->cancelled; head = first(id, p)) {
          drops.emplace(head->id, Dropped::kCancelled);
          list_.erase(head);
        }
      }
    }
  }
  std::vector<Entry>::iterator first(LaneId lane, int priority) {
    return std::ranges::find_if(list_, [&](const Entry& e) { return e.lane == lane && e.priority == priority; });
  }
  std::vector<int> fill(LaneId lane, Drops& drops, Batch& batch) {
    std::vector<int> ids;
    const int last = lowest(lane);
    for (int p = 0; p <= last; ++p) {
      for (auto head = first(lane, p); head != list_.end(); head = first(lane, p)) {
        if (*head->cancelled) {
          drops.emplace(head->id, Dropped::kCancelled);
        } else if (!ids.empty() && batch.pictures + head->pictures > lanes_[lane].max_batch) {
          return ids;
        } else {
          if (ids.empty()) batch.priority = p;
          ids.push_back(head->id);
          batch.pictures += head->pictures;
        }
        list_.erase(head);
      }
    }
    return ids;
  }

  std::vector<Entry> list_;  // in order of arrival
  std::map<LaneId, LaneOptions> lanes_;
  std::map<std::pair<LaneId, int>, Share> shares_;
  std::map<LaneId, double> cost_;
  std::map<int, double> clocks_;
  int takes_ = 0;
};

// Both of them, asked the same.
class Twins {
 public:
  explicit Twins(unsigned seed) : random_(seed) {
    for (int i = 0; i < 3; ++i) add_lane();
  }

  void step() {
    now_ += milliseconds(below(4));
    const int what = below(100);
    if (what < 55) push();
    if (what >= 55 && what < 80) take();
    if (what >= 80 && what < 92) finish();
    if (what >= 92 && what < 95) expire();
    if (what >= 95 && what < 99 && !flags_.empty()) *flags_[static_cast<std::size_t>(below(flags()))] = true;
    if (what == 99) exchange_lane();
    check();
  }

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  int flags() const { return static_cast<int>(flags_.size()); }
  LaneId any_lane() { return lanes_[static_cast<std::size_t>(below(static_cast<int>(lanes_.size())))]; }

  void add_lane() {
    LaneOptions options;
    options.max_batch = 1 + below(6);
    options.max_delay = milliseconds(below(2) * below(20));
    options.max_queue = static_cast<std::size_t>(below(25));
    options.weight = 0.5 + below(4);
    if (below(2) == 0) options.time_limit = milliseconds(1 + below(80));
    lanes_.push_back(queue_.add_lane(options));
    reference_.add_lane(lanes_.back(), options);
  }
  void exchange_lane() {
    const LaneId lane = any_lane();
    queue_.remove_lane(lane, Dropped::kUnloaded, dropped_);
    reference_.remove_lane(lane, drops_);
    std::erase(lanes_, lane);
    add_lane();
  }
  void push() {
    Entry e{++id_, any_lane(), below(10) < 7 ? 1 : below(10), below(5) == 0 ? 1 + below(7) : 1, now_, {}, {}};
    e.cancelled = std::make_shared<std::atomic<bool>>(false);
    if (below(3) == 0) e.deadline = now_ + milliseconds(below(60) - 2);
    flags_.push_back(e.cancelled);
    if (flags_.size() > 40) flags_.pop_front();
    queue_.push(e.lane, numbered(e.id, {e.priority, e.pictures, e.deadline, e.cancelled}), now_, dropped_);
    reference_.push(e, now_, drops_);
  }
  void take() {
    const int other_idle = below(2);
    std::optional<Batch> batch = queue_.take(now_, other_idle, dropped_);
    Batch expected;
    const std::vector<int> ids = reference_.take(now_, other_idle, drops_, expected);
    std::vector<int> got;
    if (batch) {
      for (const auto& job : batch->jobs) got.push_back(id_of(*job));
      EXPECT_EQ(batch->lane, expected.lane);
      EXPECT_EQ(batch->pictures, expected.pictures);
      EXPECT_EQ(batch->priority, expected.priority);
      batch->jobs.clear();
      running_.push_back(std::move(*batch));
    }
    EXPECT_EQ(got, ids);
    if (!batch && other_idle == 0) {
      // What is held back comes when next_take() says, and not before.
      const std::optional<Time> next = queue_.next_take();
      EXPECT_EQ(next.has_value(), queue_.waiting() > 0);
      if (next) {
        EXPECT_GT(*next, now_);
      }
    }
  }
  void finish() {
    if (running_.empty()) return;
    const auto which = running_.begin() + below(static_cast<int>(running_.size()));
    const Duration busy = milliseconds(1 + below(30));
    queue_.finished(*which, busy);
    reference_.finished(*which, std::chrono::duration<double>(busy).count());
    running_.erase(which);
  }
  void expire() {
    queue_.expire(now_, dropped_);
    reference_.expire(now_, drops_);
  }
  void check() {
    Drops got;
    for (const DroppedJob& each : dropped_) got.emplace(id_of(*each.job), each.why);
    EXPECT_EQ(got.size(), dropped_.size());
    EXPECT_EQ(got, drops_);
    dropped_.clear();
    drops_.clear();
    for (const LaneId lane : lanes_) {
      EXPECT_EQ(queue_.waiting(lane), static_cast<std::size_t>(reference_.pictures(lane, 0, 9)));
    }
    EXPECT_EQ(queue_.next_deadline(), reference_.next_deadline());
  }

  std::mt19937 random_;
  BatchQueue queue_;
  Reference reference_;
  std::vector<LaneId> lanes_;
  std::deque<std::shared_ptr<std::atomic<bool>>> flags_;
  std::vector<Batch> running_;
  std::vector<DroppedJob> dropped_;
  Drops drops_;
  Time now_ = Time{} + std::chrono::hours(1);
  int id_ = 0;
};

TEST(BatchQueueModel, DoesWhatTheRulesSayWhateverComes) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Twins twins(seed);
    for (int i = 0; i < 1500 && !::testing::Test::HasFailure(); ++i) twins.step();
    if (::testing::Test::HasFailure()) break;
  }
}

// A queue of 100,000 jobs whose deadlines pass one by one: with anything quadratic in it this takes minutes.
TEST(BatchQueueModel, LongQueuesCostNoMoreAJob) {
  constexpr int kJobs = 100'000;
  BatchQueue queue;
  LaneOptions options;
  options.max_batch = 8;
  options.max_queue = kJobs;
  const LaneId lane = queue.add_lane(options);
  const Time start = Time{} + std::chrono::hours(1);
  std::vector<DroppedJob> dropped;
  for (int i = 0; i < kJobs; ++i) {
    queue.push(lane, numbered(i, {.priority = i % 10, .deadline = start + milliseconds(kJobs + 1 - i)}), start,
               dropped);
  }
  std::size_t taken = 0;
  for (int ms = 0; queue.waiting() > 0; ++ms) {
    const auto batch = queue.take(start + milliseconds(ms), 0, dropped);
    if (batch) taken += batch->jobs.size();
  }
  EXPECT_EQ(taken + dropped.size(), static_cast<std::size_t>(kJobs));
  EXPECT_GT(dropped.size(), 0u);
}

}  // namespace
}  // namespace saker::serve
