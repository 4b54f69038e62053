#include "losses/distillation.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "losses/bce.h"
#include "losses/maps.h"

namespace saker::losses {
namespace {

using Box = HeadLayout::Box;

// log(1 + e^x)
double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

double logistic(double x) {
  return 1 / (1 + std::exp(-x));
}

// Numbers of a part in one cell, of the student and of the teacher.
struct Pair {
  const float *student, *teacher;
  float* gradients;  // null: not wanted
  std::int64_t count, student_step, teacher_step;
};

// Adds `factor` times the gradients.
double probabilities(const Pair& p, double temperature, double factor) {
  double sum = 0;
  for (std::int64_t i = 0; i < p.count; ++i) {
    const double s = p.student[i * p.student_step] / temperature, t = p.teacher[i * p.teacher_step] / temperature;
    const double wanted = logistic(t);
    sum += wanted * (t - s) - softplus(t) + softplus(s);
    if (p.gradients != nullptr)
      p.gradients[i * p.student_step] += static_cast<float>(factor * temperature * (logistic(s) - wanted));
  }
  return sum * temperature * temperature;
}

double log_sum_exp(const float* numbers, std::int64_t step, std::int64_t count, double temperature) {
  double most = numbers[0];
  for (std::int64_t i = 1; i < count; ++i) most = std::max<double>(most, numbers[i * step]);
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += std::exp((numbers[i * step] - most) / temperature);
  return most / temperature + std::log(sum);
}

double distributions(const Pair& p, std::int64_t bins, double temperature, double factor) {
  double sum = 0;
  for (std::int64_t side = 0; side < p.count; side += bins) {
    const float *student = p.student + side * p.student_step, *teacher = p.teacher + side * p.teacher_step;
    const double of_student = log_sum_exp(student, p.student_step, bins, temperature),
                 of_teacher = log_sum_exp(teacher, p.teacher_step, bins, temperature);
    for (std::int64_t i = 0; i < bins; ++i) {
      const double log_q = student[i * p.student_step] / temperature - of_student,
                   log_p = teacher[i * p.teacher_step] / temperature - of_teacher;
      sum += std::exp(log_p) * (log_p - log_q);
      if (p.gradients != nullptr)
        p.gradients[(side + i) * p.student_step] +=
            static_cast<float>(factor * temperature * (std::exp(log_q) - std::exp(log_p)));
    }
  }
  return sum * temperature * temperature;
}

double numbers(const Pair& p, double factor) {
  double sum = 0;
  for (std::int64_t i = 0; i < p.count; ++i) {
    const double difference = static_cast<double>(p.student[i * p.student_step]) - p.teacher[i * p.teacher_step];
    sum += difference * difference;
    if (p.gradients != nullptr) p.gradients[i * p.student_step] += static_cast<float>(factor * 2 * difference);
  }
  return sum;
}

// The maps of a head of both, level by level.
class Heads {
 public:
  Heads(std::span<const MapView> student, std::span<const MapView> teacher, const HeadLayout& layout)
      : student_(student), teacher_(teacher), layout_(layout) {
    SAKER_CHECK(student.size() == teacher.size() && student.size() % layout.maps_of_level == 0);
    for (std::size_t i = 0; i < student.size(); ++i)
      check_map(teacher[i], student[i], student[i].batch, student[i].channels);
  }

  // Calls body(level's first map, box, picture, y, x).
  template <typename Body>
  void each(const Body& body) const {
    for (std::size_t first = 0; first < student_.size(); first += layout_.maps_of_level) {
      const MapView& map = student_[first];
      for (std::int64_t picture = 0; picture < map.batch; ++picture) {
        for (std::int64_t y = 0; y < map.height; ++y) {
          for (std::int64_t x = 0; x < map.width; ++x) {
            for (const BoxParts& box : layout_.boxes) body(first, box, picture, y, x);
          }
        }
      }
    }
  }

  // How sure the teacher is of a box; 0: not enough.
  float sureness(std::size_t first, const BoxParts& box, std::int64_t picture, std::int64_t y, std::int64_t x) const {
    const MapView& map = teacher_[first + box.scores.map];
    const float* scores = map.values + place(map, picture, box.scores.first, y, x);
    float best = scores[0];
    for (std::int64_t i = 1; i < box.scores.count; ++i) best = std::max(best, scores[i * map.strides[1]]);
    if (best < kLeastLogit) return 0;
    float sure = sigmoid(best);
    if (box.objectness.count > 0) {
      const MapView& objectness = teacher_[first + box.objectness.map];
      sure *= sigmoid(objectness.values[place(objectness, picture, box.objectness.first, y, x)]);
    }
    return sure < kSureEnough ? 0 : sure;
  }

  Pair pair(std::size_t first, const MapPart& part, std::int64_t picture, std::int64_t y, std::int64_t x) const {
    const MapView &student = student_[first + part.map], &teacher = teacher_[first + part.map];
    const std::int64_t at = place(student, picture, part.first, y, x);
    return {student.values + at,
            teacher.values + place(teacher, picture, part.first, y, x),
            student.gradients == nullptr ? nullptr : student.gradients + at,
            part.count,
            student.strides[1],
            teacher.strides[1]};
  }

 private:
  static constexpr float kLeastLogit = -4.6F;  // below kSureEnough: saves the exponential

  std::span<const MapView> student_, teacher_;
  const HeadLayout& layout_;
};

double of_box(const Pair& box, const HeadLayout& layout, double temperature, double factor) {
  switch (layout.box) {
    case Box::kDistributions:
      return distributions(box, layout.bins, temperature, factor);
    case Box::kProbabilities:
      return probabilities(box, temperature, factor);
    case Box::kNumbers:
      break;
  }
  return numbers(box, factor);
}

void scale_gradients(const MapView& map, double factor) {
  if (map.gradients == nullptr) return;
  for (std::int64_t picture = 0; picture < map.batch; ++picture) {
    for_each_run(map, picture, [&](std::int64_t at, std::int64_t count, std::int64_t step) {
      for (std::int64_t i = 0; i < count; ++i) map.gradients[at + i * step] *= static_cast<float>(factor);
    });
  }
}

}  // namespace

HeadLayout layout_of_distances(std::int64_t classes, std::int64_t reg_max) {
  return {Box::kDistributions, reg_max, 2, {{{0, 0, 4 * reg_max}, {}, {1, 0, classes}}}};
}

HeadLayout layout_of_anchors(std::int64_t classes, std::int64_t anchors) {
  HeadLayout layout{Box::kProbabilities, 1, 1, {}};
  for (std::int64_t anchor = 0; anchor < anchors; ++anchor) {
    const std::int64_t first = anchor * (classes + 5);
    layout.boxes.push_back({{0, first, 4}, {0, first + 4, 1}, {0, first + 5, classes}});
  }
  return layout;
}

HeadLayout layout_of_yolox(std::int64_t classes) {
  return {Box::kNumbers, 1, 3, {{{0, 0, 4}, {1, 0, 1}, {2, 0, classes}}}};
}

double distill(std::span<const MapView> student, std::span<const MapView> teacher, const HeadLayout& layout,
               const DistillOptions& options) {
  const Heads heads(student, teacher, layout);
  for (const MapView& map : student) scale_gradients(map, options.keep);
  double sureness = 0;
  heads.each([&](std::size_t first, const BoxParts& box, std::int64_t picture, std::int64_t y, std::int64_t x) {
    sureness += heads.sureness(first, box, picture, y, x);
  });
  if (sureness == 0) return 0;
  double sum = 0;
  heads.each([&](std::size_t first, const BoxParts& box, std::int64_t picture, std::int64_t y, std::int64_t x) {
    const double weight = heads.sureness(first, box, picture, y, x) / sureness, factor = weight * options.share;
    if (weight == 0) return;
    const auto pair = [&](const MapPart& part) { return heads.pair(first, part, picture, y, x); };
    sum += weight * (of_box(pair(box.box), layout, options.temperature, factor) +
                     probabilities(pair(box.scores), options.temperature, factor));
    if (box.objectness.count > 0) sum += weight * probabilities(pair(box.objectness), options.temperature, factor);
  });
  return sum;
}

double distill_layer(const MapView& student, const MapView& teacher, bool normalize, double gain) {
  check_map(teacher, student, student.batch, student.channels);
  double differences = 0, squares = 0;
  const auto each = [&](const auto& body) {
    for (std::int64_t n = 0; n < student.batch; ++n) {
      for (std::int64_t y = 0; y < student.height; ++y) {
        for (std::int64_t x = 0; x < student.width; ++x) {
          for (std::int64_t c = 0; c < student.channels; ++c)
            body(place(student, n, c, y, x), static_cast<double>(teacher.values[place(teacher, n, c, y, x)]));
        }
      }
    }
  };
  each([&](std::int64_t at, double wanted) {
    differences += (student.values[at] - wanted) * (student.values[at] - wanted);
    squares += wanted * wanted;
  });
  const auto count = static_cast<double>(student.batch * student.channels * student.height * student.width);
  const double scale = 1 / (normalize ? squares / count + kLayerEpsilon : 1);
  if (student.gradients != nullptr) {
    each([&](std::int64_t at, double wanted) {
      student.gradients[at] = static_cast<float>(gain * scale * 2 / count * (student.values[at] - wanted));
    });
  }
  return differences / count * scale;
}

}  // namespace saker::losses
