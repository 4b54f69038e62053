#include "serve/tuning_measure.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <latch>
#include <thread>
#include <utility>

#include "api/guarded.h"
#include "api/internals.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/statistics.h"
#include "base/try.h"
#include "detect/spec_state.h"
#include "media/formats.h"

namespace saker::serve {
namespace {

constexpr std::size_t kLeastRuns = 3;

// Of a model that is no detector.
std::vector<Shape> plain_shapes(const TuningSubject& subject, int batch) {
  SpecOptions spec = subject.spec;
  spec.batch = batch;
  if (auto pictures = detector_input_shapes(subject.model, spec); pictures.ok()) return *std::move(pictures);
  std::vector<Shape> shapes;
  for (const TensorInfo& input : subject.model.inputs()) {
    Shape shape = input.shape;
    if (!shape.empty() && shape[0] < 0) shape[0] = batch;
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

SessionOptions session_options(const TuningSubject& subject, const WorkShape& shape) {
  SessionOptions options = subject.session;
  options.threads = shape.threads;
  return options;
}

Result<Detector> make_detector(const TuningSubject& subject, const WorkShape& shape) {
  DetectorOptions options;
  options.session = session_options(subject, shape);
  options.spec = subject.spec;
  options.spec.batch = shape.batch;
  return Detector::create(subject.model, options);
}

Result<Session> make_session(const TuningSubject& subject, const WorkShape& shape) {
  SessionOptions options = session_options(subject, shape);
  options.input_shapes = plain_shapes(subject, shape.batch);
  SAKER_ASSIGN(Session session, Session::create(subject.model, options));
  return session;
}

// With several threads several pictures at a time, as a worker does.
Status decode(ThreadPool* pool, std::span<const std::uint8_t> picture, std::vector<Result<Image>>& images) {
  const auto decode_one = [&](std::int64_t i, int) {
    images[static_cast<std::size_t>(i)] = decode_image(picture, "picture");
  };
  const auto count = static_cast<std::int64_t>(images.size());
  if (pool != nullptr && pool->threads() > 1 && count > 1) {
    pool->run(count, decode_one);
  } else {
    for (std::int64_t i = 0; i < count; ++i) decode_one(i, 0);
  }
  for (const auto& image : images) {
    if (!image.ok()) return image.error();
  }
  return {};
}

// What a worker does with a batch of pictures.
Status run_batch(Detector& detector, std::span<const std::uint8_t> picture, int batch) {
  const DetectorSpec& spec = detector.spec();
  Session& session = detector.session();
  std::vector<Result<Image>> images(static_cast<std::size_t>(batch), Image{});
  std::vector<Placement> placements;
  SAKER_TRY(decode(pool_of(session), picture, images));
  SAKER_TRY(fill_other_inputs(spec, session));
  for (int slot = 0; slot < batch; ++slot) {
    Image& image = *images[static_cast<std::size_t>(slot)];
    SAKER_ASSIGN(placements.emplace_back(), fit_picture(spec, image.view(), session, slot));
    image = {};
  }
  SAKER_TRY(run_fitted(spec, session, batch));
  std::vector<TensorView> outputs;
  for (std::size_t i = 0; i < session.output_count(); ++i) outputs.push_back(session.output(i));
  for (int slot = 0; slot < batch; ++slot) {
    SAKER_ASSIGN(const auto boxes,
                 read_boxes(spec, outputs, slot, placements[static_cast<std::size_t>(slot)], detector.boxes()));
  }
  return {};
}

Status run_batch(Session& session, std::span<const std::uint8_t>, int) {
  return session.run();
}

void clear_inputs(Detector&) {}
void clear_inputs(Session& session) {
  for (std::size_t i = 0; i < session.input_count(); ++i) {
    Tensor input = session.input(i);
    if (input.bytes() > 0) std::memset(input.raw(), 0, input.bytes());
  }
}

// What one stream has seen.
struct Stream {
  std::vector<double> ms;
  double seconds = 0;
  Status status;
};

template <typename Engine>
void run_stream(Engine& engine, std::span<const std::uint8_t> picture, int batch, double seconds, std::latch& ready,
                Stream& stream) {
  clear_inputs(engine);
  stream.status = run_batch(engine, picture, batch);  // the first is slower
  ready.arrive_and_wait();
  const Stopwatch all;
  while (stream.status.ok() && (stream.ms.size() < kLeastRuns || all.ms() < seconds * 1000)) {
    const Stopwatch watch;
    stream.status = run_batch(engine, picture, batch);
    stream.ms.push_back(watch.ms());
  }
  stream.seconds = all.ms() / 1000;
}

Result<TuningFigures> figures(const std::vector<Stream>& streams, int batch) {
  TuningFigures figures;
  std::vector<double> ms;
  for (const Stream& stream : streams) {
    SAKER_TRY(stream.status);
    figures.pictures_per_s += static_cast<double>(stream.ms.size()) * batch / stream.seconds;
    ms.insert(ms.end(), stream.ms.begin(), stream.ms.end());
  }
  std::ranges::sort(ms);
  figures.p50_ms = percentile(ms, 0.5);
  figures.p99_ms = percentile(ms, 0.99);
  return figures;
}

// `engine` and its clones, each on a thread of its own.
template <typename Engine>
Result<TuningFigures> measure(Engine first, std::span<const std::uint8_t> picture, const WorkShape& shape,
                              double seconds) {
  const auto count = static_cast<std::size_t>(shape.streams);
  std::vector<Engine> engines;
  engines.reserve(count);
  engines.push_back(std::move(first));
  while (engines.size() < count) {
    SAKER_ASSIGN(Engine clone, engines[0].clone());
    engines.push_back(std::move(clone));
  }
  std::vector<Stream> streams(count);
  std::latch ready(shape.streams);
  std::vector<std::jthread> threads;
  threads.reserve(count);
  try {
    for (std::size_t i = 0; i < count; ++i) {
      threads.emplace_back([&, i] { run_stream(engines[i], picture, shape.batch, seconds, ready, streams[i]); });
    }
  } catch (const std::system_error&) {
    ready.count_down(static_cast<std::ptrdiff_t>(count - threads.size()));  // nobody waits for those that are not there
    threads.clear();
    return Error{ErrorCode::kLimit, "the system has no more threads"};
  }
  threads.clear();  // joins them
  return figures(streams, shape.batch);
}

}  // namespace

Result<std::vector<std::uint8_t>> tuning_picture() {
  constexpr int kQuality = 85;
  Image image = blank_image(1280, 720);
  PortableRandom random(1);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const auto x = static_cast<double>(i / 3 % 1280), y = static_cast<double>(i / 3 / 1280);
    const double wave = 60 * std::sin(x / 37 + static_cast<double>(i % 3)) + 50 * std::cos(y / 23 + x / 101);
    image.pixels[i] = static_cast<std::uint8_t>(std::clamp(128 + wave + random.between(-12, 12), 0.0, 255.0));
  }
  return encode_jpeg(image.view(), kQuality);
}

Result<TuningSubject> tuning_subject(const Model& model, const TuneOptions& options) {
  TuningSubject subject{model, options.session, options.spec, true, 0, {}};
  SAKER_ASSIGN(subject.picture, tuning_picture());
  const WorkShape one;
  const auto detector = make_detector(subject, one);
  if (!detector.ok() && detector.error().code != ErrorCode::kUnsupported) return detector.error();
  subject.is_detector = detector.ok();
  if (!detector.ok()) {
    SAKER_ASSIGN(const Session session, make_session(subject, one));
  }
  const auto& inputs = model.inputs();
  const Shape shape = inputs.empty() ? Shape{} : inputs[0].shape;
  if (detector.ok() && detector->batch_is_fixed()) {
    subject.fixed_batch = detector->spec().batch();
  } else if (!detector.ok() && (shape.empty() || shape[0] >= 0)) {
    subject.fixed_batch = shape.empty() ? 1 : static_cast<int>(std::clamp<std::int64_t>(shape[0], 1, 1024));
  } else if (graph_of(model) == nullptr) {
    subject.fixed_batch =
        1;  // other engines compute a whole batch whatever is in it: the server gives them single ones
  }
  return subject;
}

Result<TuningFigures> measure_shape(const TuningSubject& subject, const WorkShape& shape, double seconds) {
  return guarded(subject.model.path(), [&]() -> Result<TuningFigures> {
    if (subject.is_detector) {
      SAKER_ASSIGN(Detector detector, make_detector(subject, shape));
      return measure(std::move(detector), subject.picture, shape, seconds);
    }
    SAKER_ASSIGN(Session session, make_session(subject, shape));
    return measure(std::move(session), subject.picture, shape, seconds);
  });
}

}  // namespace saker::serve
