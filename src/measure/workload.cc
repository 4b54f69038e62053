// The work that is measured, inside the process that measures it: a loaded engine, its input, its streams.
#include "measure/workload.h"

#include <fmt/format.h>
#include <saker/detector.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <system_error>
#include <thread>

#include "api/bytes_on_disk.h"
#include "api/input_shapes.h"
#include "api/internals.h"
#include "base/clock.h"
#include "base/cpu.h"
#include "base/half.h"
#include "base/try.h"
#include "base/usable_cpus.h"
#include "measure/peak.h"
#include "pipeline/picture_files.h"
#include "plan/plan.h"

namespace saker {
namespace {

constexpr unsigned kSeed = 42;
constexpr std::size_t kMaxPictures = 64;  // of a folder: so many are kept in memory
constexpr int kMaxStreams = 256;
constexpr std::int64_t kMaxRuns = 1'000'000;  // of a round

void fill_random(Tensor tensor, std::mt19937& random) {
  std::uniform_real_distribution<float> unit(0, 1);
  const auto count = static_cast<std::size_t>(tensor.elements());
  if (tensor.dtype() == DType::kFloat32) {
    std::generate_n(tensor.data<float>(), count, [&] { return unit(random); });
  } else if (tensor.dtype() == DType::kFloat16) {
    std::generate_n(tensor.data<std::uint16_t>(), count, [&] { return float_to_half(unit(random)); });
  } else if (tensor.dtype() == DType::kUint8) {
    std::generate_n(tensor.data<std::uint8_t>(), count, [&] { return static_cast<std::uint8_t>(random() & 255U); });
  } else {
    std::fill_n(static_cast<std::byte*>(tensor.raw()), tensor.bytes(), std::byte{0});
  }
}

Image random_picture() {
  Image image;
  image.width = 1280, image.height = 720;
  image.pixels.resize(std::size_t{1280} * 720 * 3);
  std::mt19937 random(kSeed);
  std::generate(image.pixels.begin(), image.pixels.end(), [&] { return static_cast<std::uint8_t>(random() & 255U); });
  return image;
}

Result<std::vector<Image>> read_pictures(const std::string& input) {
  std::vector<Image> images;
  if (input.empty()) {
    images.push_back(random_picture());
    return images;
  }
  for (const PictureFile& file : list_pictures({input})) {
    if (images.size() == kMaxPictures) break;
    SAKER_ASSIGN(images.emplace_back(), read_picture(file, {}));
  }
  if (images.empty()) return Error{ErrorCode::kNotFound, input + ": no pictures there"};
  return images;
}

// One request at a time: a session of its own.
struct Stream {
  std::optional<Session> session;    // random values
  std::optional<Detector> detector;  // a picture, or picture to boxes
  StageTimes stages;                 // sums over the pictures of a round
  std::size_t pictures = 0;

  Session& model() { return detector ? detector->session() : *session; }

  Result<Stream> clone() const {
    Stream copy;
    if (detector) {
      SAKER_ASSIGN(copy.detector, detector->clone());
    } else {
      SAKER_ASSIGN(copy.session, session->clone());
    }
    return copy;
  }
};

SessionOptions session_options(const Configuration& configuration) {
  SessionOptions options;
  const int streams = configuration.streams;
  options.threads = configuration.threads;
  if (options.threads == 0 && streams > 0) options.threads = std::max(1, usable_cpus() / streams);
  options.inter_threads = configuration.inter_threads;
  options.streams = streams;
  options.throughput = configuration.throughput;
  options.precision = configuration.precision;
  options.isa = configuration.isa;
  options.low_memory = configuration.low_memory;
  options.autotune = configuration.autotune;
  return options;
}

Result<Stream> first_stream(const Configuration& configuration, Loaded& loaded) {
  // No trial: this process may be lost.
  SAKER_ASSIGN(const Model model, Model::load(configuration.model, {.backend = configuration.backend, .trial = false}));
  loaded.backend = model.backend();
  loaded.note = model.backend_note();
  loaded.file_mb = static_cast<double>(bytes_on_disk(model.path())) / 1e6;
  Stream stream;
  if (configuration.pipeline || !configuration.input.empty()) {
    DetectorOptions options;
    options.session = session_options(configuration);
    options.spec.height = configuration.height;
    options.spec.width = configuration.width;
    options.spec.batch = std::max(1, configuration.batch);
    SAKER_ASSIGN(options.spec.inputs, parse_values(configuration.values));
    SAKER_ASSIGN(stream.detector, Detector::create(model, options));
  } else {
    SAKER_ASSIGN(auto named, parse_shapes(configuration.shapes));
    SAKER_ASSIGN(ChosenShapes chosen, choose_shapes(model, {configuration.height, configuration.width,
                                                            configuration.batch, std::move(named)}));
    loaded.assumed = std::move(chosen.notes);
    SessionOptions options = session_options(configuration);
    options.input_shapes = std::move(chosen.shapes);
    SAKER_ASSIGN(stream.session, Session::create(model, options));
  }
  if (const std::string& note = stream.model().precision_note(); !note.empty())
    loaded.note += (loaded.note.empty() ? "" : "; ") + note;
  return stream;
}

}  // namespace

double resident_megabytes(const char* field) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kibibytes = 0;
    if (word == field && status >> kibibytes) return kibibytes * 1024 / 1e6;
  }
  return 0;
}

class Workload::Streams {
 public:
  std::vector<Stream> all;
  std::vector<Image> pictures;
  std::size_t batch = 1;
  bool pipeline = false;

  void fill_inputs() {
    for (Stream& stream : all) {
      std::mt19937 random(kSeed);  // the same for every engine and stream
      for (std::size_t i = 0; i < stream.model().input_count(); ++i) fill_random(stream.model().input(i), random);
    }
  }

  // The next pictures, in turn.
  Status detect(Stream& stream) {
    std::vector<ImageView> views;
    for (std::size_t i = 0; i < batch; ++i) views.push_back(pictures[next_picture_++ % pictures.size()].view());
    SAKER_ASSIGN(const auto found, stream.detector->detect(views));
    for (const Detections& each : found) {
      stream.stages.preprocess += each.ms.preprocess;
      stream.stages.infer += each.ms.infer;
      stream.stages.postprocess += each.ms.postprocess;
    }
    stream.pictures += found.size();
    return {};
  }

  // The first pictures into the input.
  Status fit(Stream& stream) const {
    const DetectorSpec& spec = stream.detector->spec();
    Session& session = stream.detector->session();
    Tensor input = session.input(spec.input_index());
    for (std::size_t i = 0; i < batch; ++i)
      SAKER_TRY(fit_picture(spec, pictures[i % pictures.size()].view(), input, static_cast<int>(i)));
    return fill_other_inputs(spec, session);
  }

  Status run(Stream& stream) { return pipeline ? detect(stream) : stream.model().run(); }

  // work(i) for every stream at the same time; the first error.
  template <typename F>
  Status together(F&& work) {
    constexpr int kWait = 0, kGo = 1, kGiveUp = 2;
    std::vector<Status> results(all.size());
    std::atomic<int> signal{kWait};
    std::vector<std::thread> threads;
    try {
      for (std::size_t i = 1; i < all.size(); ++i) {
        threads.emplace_back([&, i] {
          signal.wait(kWait);
          if (signal == kGo) results[i] = work(i);
        });
      }
      signal = kGo;
    } catch (const std::system_error& e) {
      signal = kGiveUp;
      results[0] = Error{ErrorCode::kLimit, fmt::format("cannot start {} threads: {}", all.size(), e.what())};
    }
    signal.notify_all();
    if (signal == kGo) results[0] = work(0);
    for (std::thread& thread : threads) thread.join();
    for (Status& result : results) SAKER_TRY(std::move(result));
    return {};
  }

  Result<Round> round(const RoundOrder& order) {
    const double limit_ms = order.seconds > 0 ? order.seconds * 1e3 : 1e18;
    std::atomic<std::int64_t> left{order.runs > 0 ? std::min(order.runs, kMaxRuns) : kMaxRuns};
    std::atomic<bool> failed{false};
    std::vector<std::vector<double>> ms(all.size());
    std::vector<double> ended(all.size());
    Stopwatch watch;
    std::barrier ready(static_cast<std::ptrdiff_t>(all.size()), [&]() noexcept { watch = Stopwatch(); });
    const auto work = [&](std::size_t i) {
      Status status = run(all[i]);
      all[i].stages = {};
      all[i].pictures = 0;
      if (!status.ok()) failed = true;
      ready.arrive_and_wait();
      while (!failed && left-- > 0 && (ms[i].empty() || watch.ms() < limit_ms)) {
        const Stopwatch own;
        status = run(all[i]);
        ms[i].push_back(own.ms());
        if (!status.ok()) failed = true;
      }
      ended[i] = watch.ms();
      return status;
    };
    SAKER_TRY(together(work));
    Round round;
    round.wall_ms = *std::max_element(ended.begin(), ended.end());
    for (const auto& each : ms) round.ms.insert(round.ms.end(), each.begin(), each.end());
    add_stages(round);
    return round;
  }

 private:
  void add_stages(Round& round) const {
    double pictures_done = 0;
    for (const Stream& stream : all) {
      round.preprocess += stream.stages.preprocess;
      round.infer += stream.stages.infer;
      round.boxes += stream.stages.postprocess;
      pictures_done += static_cast<double>(stream.pictures);
    }
    for (double* sum : {&round.preprocess, &round.infer, &round.boxes}) *sum /= std::max(1.0, pictures_done);
  }

  std::atomic<std::size_t> next_picture_{0};
};

Workload::Workload() : streams_(std::make_unique<Streams>()) {}
Workload::~Workload() = default;

Result<std::unique_ptr<Workload>> Workload::load(const Configuration& configuration) {
  std::unique_ptr<Workload> self(new Workload);
  Loaded& loaded = self->loaded_;
  Streams& streams = *self->streams_;
  const bool with_pictures = configuration.pipeline || !configuration.input.empty();
  if (with_pictures) {
    SAKER_ASSIGN(streams.pictures, read_pictures(configuration.input));
  }
  loaded.rss_before_mb = resident_megabytes();
  const Stopwatch watch;
  SAKER_ASSIGN(Stream first, first_stream(configuration, loaded));
  Session& session = first.model();
  loaded.streams = std::clamp(configuration.streams > 0 ? configuration.streams : session.streams(), 1, kMaxStreams);
  streams.all.push_back(std::move(first));
  while (streams.all.size() < static_cast<std::size_t>(loaded.streams)) {
    SAKER_ASSIGN(Stream clone, streams.all[0].clone());
    streams.all.push_back(std::move(clone));
  }
  loaded.load_ms = watch.ms();
  loaded.rss_loaded_mb = resident_megabytes();
  self->describe(configuration);
  if (with_pictures && configuration.batch > 0 && configuration.batch != loaded.batch) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("{}: `batch` asks for batch {}, but the file fixes it at {}; leave `batch` out",
                             configuration.model, configuration.batch, loaded.batch),
                 "batch"};
  }
  streams.batch = static_cast<std::size_t>(loaded.batch);
  SAKER_TRY(self->warm_up(configuration));
  return self;
}

void Workload::describe(const Configuration& configuration) {
  Session& session = streams_->all[0].model();
  if (session.input_count() > 0) loaded_.shape = session.input(0).shape();
  loaded_.batch = loaded_.shape.size() == 4 ? static_cast<int>(loaded_.shape[0]) : 1;
  loaded_.threads = session_options(configuration).threads;
  if (configuration.streams == 0) {  // those asked for are of all streams
    const int all = loaded_.threads > 0 ? loaded_.threads : usable_cpus();
    loaded_.threads = std::max(1, all / loaded_.streams);
  }
  if (plan_of(session) != nullptr) {
    loaded_.isa = isa_name(plan_of(session)->isa);
    loaded_.weights_mb = static_cast<double>(session.weight_bytes()) / 1e6;
    loaded_.activations_mb = static_cast<double>(session.activation_bytes()) / 1e6;
  }
}

// With pictures the model alone is measured with those.
Status Workload::warm_up(const Configuration& configuration) {
  Streams& streams = *streams_;
  if (streams.pictures.empty()) {
    streams.fill_inputs();
  } else if (!configuration.pipeline) {
    for (Stream& stream : streams.all) SAKER_TRY(streams.fit(stream));
  }
  streams.pipeline = configuration.pipeline;
  if (configuration.warmup > 0) {
    const Stopwatch watch;
    SAKER_TRY(streams.run(streams.all[0]));
    loaded_.first_ms = watch.ms();
    SAKER_TRY(streams.together([&](std::size_t i) -> Status {
      for (int k = i == 0 ? 1 : 0; k < configuration.warmup; ++k) SAKER_TRY(streams.run(streams.all[i]));
      return {};
    }));
  }
  loaded_.rss_warm_mb = resident_megabytes();
  return {};
}

Result<Round> Workload::round(const RoundOrder& order) {
  return streams_->round(order);
}

Result<std::vector<LayerTime>> Workload::layers(int runs) {
  Session& session = streams_->all[0].model();
  if (plan_of(session) == nullptr) return Error{ErrorCode::kUnsupported, "only the saker engine times its layers"};
  if (!streams_->pictures.empty()) SAKER_TRY(streams_->fit(streams_->all[0]));
  SAKER_TRY(session.run());
  std::vector<LayerTime> layers;
  for (const Step& step : plan_of(session)->steps)
    layers.push_back(
        {step.name, step.kernel, arithmetic_name(arithmetic_of(step.method)), step.shape, 0, step.flops, step.bytes});
  for (int i = 0; i < runs; ++i) {
    SAKER_ASSIGN(const auto profile, session.run_profiled());
    for (std::size_t k = 0; k < profile.size(); ++k) layers[k].ms += profile[k].ms / runs;
  }
  return layers;
}

}  // namespace saker
