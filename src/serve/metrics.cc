// The text format is that of https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4.
#include "serve/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "base/utf8.h"

namespace saker::serve {
namespace {

enum class Kind : std::uint8_t { kCounter, kGauge, kHistogram };

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::kCounter:
      return "counter";
    case Kind::kGauge:
      return "gauge";
    case Kind::kHistogram:
      return "histogram";
  }
  return "untyped";
}

bool is_name(std::string_view name, bool colons) {
  const auto letter = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colons && c == ':');
  };
  return !name.empty() && letter(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

// Backslashes and line feeds, in values of labels quotation marks too.
std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (const char c : as_utf8(text)) {
    if (c == '\\' || (quotes && c == '"')) out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

Labels sorted(Labels labels) {
  std::ranges::sort(labels);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    SAKER_CHECK(is_name(labels[i].first, false) && labels[i].first != "le");
    SAKER_CHECK(i == 0 || labels[i].first != labels[i - 1].first);
  }
  return labels;
}

// "{a="1",b="2"}", with `le` at the end if it is there; empty without labels.
std::string label_text(const Labels& labels, std::string_view le = {}) {
  std::string out;
  for (const auto& [name, value] : labels) {
    out += fmt::format("{}{}=\"{}\"", out.empty() ? "{" : ",", name, escaped(value, true));
  }
  if (!le.empty()) out += fmt::format("{}le=\"{}\"", out.empty() ? "{" : ",", le);
  return out.empty() ? out : out + "}";
}

void append(std::string& out, const std::string& name, const Labels& labels, const Histogram& histogram) {
  const std::vector<std::uint64_t> buckets = histogram.buckets();
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    below += buckets[i];
    const std::string le = i < histogram.upper_bounds().size() ? number(histogram.upper_bounds()[i]) : "+Inf";
    out += fmt::format("{}_bucket{} {}\n", name, label_text(labels, le), below);
  }
  out += fmt::format("{0}_sum{1} {2}\n{0}_count{1} {3}\n", name, label_text(labels), number(histogram.sum()), below);
}

}  // namespace

Histogram::Histogram(std::vector<double> upper_bounds) : bounds_(std::move(upper_bounds)) {
  if (!bounds_.empty() && bounds_.back() == std::numeric_limits<double>::infinity()) bounds_.pop_back();
  SAKER_CHECK(std::ranges::is_sorted(bounds_, std::ranges::less_equal{}));
  buckets_ = std::make_unique<std::atomic<std::uint64_t>[]>(bounds_.size() + 1);
}

void Histogram::observe(double value) {
  if (std::isnan(value)) return;
  const auto bucket = static_cast<std::size_t>(std::ranges::lower_bound(bounds_, value) - bounds_.begin());
  buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::uint64_t Histogram::count() const {
  std::uint64_t total = 0;
  for (const std::uint64_t bucket : buckets()) total += bucket;
  return total;
}

double Histogram::sum() const {
  return sum_.load(std::memory_order_relaxed);
}

std::vector<std::uint64_t> Histogram::buckets() const {
  std::vector<std::uint64_t> all(bounds_.size() + 1);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = buckets_[i].load(std::memory_order_relaxed);
  return all;
}

double Histogram::quantile(double q) const {
  return bucket_quantile(bounds_, buckets(), q);
}

double bucket_quantile(const std::vector<double>& bounds, const std::vector<std::uint64_t>& counts, double q) {
  std::uint64_t total = 0;
  for (const std::uint64_t count : counts) total += count;
  if (total == 0 || bounds.empty()) return 0;
  const double rank = std::clamp(q, 0.0, 1.0) * static_cast<double>(total);
  double below = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const auto here = static_cast<double>(counts[i]);
    if (here > 0 && below + here >= rank) {
      const double low = i > 0 ? bounds[i - 1] : std::min(0.0, bounds[0]);
      return low + ((bounds[i] - low) * (rank - below) / here);
    }
    below += here;
  }
  return bounds.back();  // beyond it nothing is known
}

struct MetricRegistry::Family {
  struct Child {
    Labels labels;
    bool shown = true;  // a counter that was removed lives on: somebody may hold it
    std::unique_ptr<Counter> counter;
    std::unique_ptr<Histogram> histogram;
    std::function<double()> read;
  };

  Kind kind = Kind::kCounter;
  std::string help;
  std::map<Labels, Child> children;

  void append_to(std::string& out, const std::string& name) const {
    if (std::ranges::none_of(children, [](const auto& child) { return child.second.shown; })) return;
    out += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, escaped(help, false), kind_name(kind));
    for (const auto& [labels, child] : children) {
      if (!child.shown) continue;
      if (child.histogram) {
        append(out, name, labels, *child.histogram);
      } else if (child.counter) {
        out += fmt::format("{}{} {}\n", name, label_text(labels), child.counter->value());
      } else {
        out += fmt::format("{}{} {}\n", name, label_text(labels), number(child.read()));
      }
    }
  }

  static Family& of(std::map<std::string, std::shared_ptr<Family>>& all, const std::string& name,
                    const std::string& help, Kind kind) {
    SAKER_CHECK(is_name(name, true));
    std::shared_ptr<Family>& family = all[name];
    if (!family) {
      family = std::make_shared<Family>();
      family->kind = kind, family->help = help;
    }
    SAKER_CHECK(family->kind == kind);  // one name is one kind of metric
    return *family;
  }

  Child& child(const Labels& labels) {
    const Labels key = sorted(labels);
    Child& found = children[key];
    found.labels = key, found.shown = true;
    return found;
  }
};

Counter& MetricRegistry::counter(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  Family::Child& child = Family::of(families_, name, help, Kind::kCounter).child(labels);
  SAKER_CHECK(!child.read);
  if (!child.counter) child.counter = std::make_unique<Counter>();
  return *child.counter;
}

Histogram& MetricRegistry::histogram(const std::string& name, const std::string& help,
                                     const std::vector<double>& upper_bounds, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  Family::Child& child = Family::of(families_, name, help, Kind::kHistogram).child(labels);
  if (!child.histogram) child.histogram = std::make_unique<Histogram>(upper_bounds);
  return *child.histogram;
}

void MetricRegistry::gauge(const std::string& name, const std::string& help, const Labels& labels,
                           std::function<double()> read) {
  const std::lock_guard lock(mutex_);
  Family::of(families_, name, help, Kind::kGauge).child(labels).read = std::move(read);
}

void MetricRegistry::counter(const std::string& name, const std::string& help, const Labels& labels,
                             std::function<double()> read) {
  const std::lock_guard lock(mutex_);
  Family::Child& child = Family::of(families_, name, help, Kind::kCounter).child(labels);
  SAKER_CHECK(!child.counter);
  child.read = std::move(read);
}

void MetricRegistry::remove(const Labels& labels) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, family] : families_) {
    for (auto at = family->children.begin(); at != family->children.end();) {
      const bool meant = std::ranges::all_of(labels, [&](const auto& label) {
        return std::ranges::find(at->second.labels, label) != at->second.labels.end();
      });
      at->second.shown = at->second.shown && !meant;
      at = meant && at->second.read ? family->children.erase(at) : std::next(at);
    }
  }
}

std::string MetricRegistry::text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) family->append_to(out, name);
  return out;
}

const std::vector<double>& second_buckets() {
  static const std::vector<double> kBuckets = {0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03,
                                               0.05,   0.075, 0.1,   0.15,  0.25,  0.5,    1,    2.5,   5,    10};
  return kBuckets;
}

}  // namespace saker::serve
